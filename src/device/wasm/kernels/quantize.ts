/**
 * 8-bit integers: activations just before a product, weights once when they are loaded. A block of 32 inputs has
 * one scale, max|x| / 127, and each value becomes round(x / scale).
 *
 * In a block of a panel stand, for each group of inputs in turn, those of the 8 outputs side by side; then the 8
 * scales; and for groups of four the 8 sums of the block's integers, in 16 bits. In a block of a tile stand the
 * groups of the 6 rows in the same way, then their 6 scales, filled up to 8, and in one form as many sums.
 */
import { largestOf, nearest } from './arithmetic';
import { TILE_ROWS } from './linear';
import { takeItem, word } from './step';

export const BLOCK: usize = 32; // inputs
export const PANEL: usize = 8; // outputs

/** Inputs in a group: what one instruction multiplies and adds up. A group of activations takes 4 bytes. */
export const PAIRS: usize = 2;
export const QUADS: usize = 4;

/** How the integers of activations rest. */
export enum Form {
  /** 16 bits, in pairs. */
  Words,
  /** 8 bits, in quads, for a dot product that reads them as signed. */
  Signed,
  /** 8 bits and 128 more, in quads, for a dot product that reads them as unsigned. */
  Unsigned,
  /** As Signed, and after the scales of a block the sums of its integers. */
  Summed,
}

/** A block whose values are all smaller is zero: the inverse of its scale would leave the range of floats. */
export const SMALLEST: f32 = 1e-30;

@inline
export function panelBlockBytes(group: usize): usize {
  return BLOCK * PANEL + 4 * PANEL + (group === QUADS ? 2 * PANEL : 0);
}

@inline
export function tileBlockBytes(form: Form): usize {
  return (BLOCK / (form === Form.Words ? PAIRS : QUADS)) * TILE_ROWS * 4 + 8 * 4 * (form === Form.Summed ? 2 : 1);
}

/** Step: x, packed x, rows, inputs, form. A tile is an item; rows past the last repeat it. */
export function quantizeRows(step: usize): void {
  const rows = word(step, 3);
  const inputs = word(step, 4);
  const form = <Form>word(step, 5);
  const blockBytes = tileBlockBytes(form);
  const blocks = inputs / BLOCK;
  const tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  for (let tile = takeItem(step); tile < tiles; tile = takeItem(step)) {
    for (let r: usize = 0; r < TILE_ROWS; r++) {
      const row = min(tile * TILE_ROWS + r, rows - 1);
      for (let block: usize = 0; block < blocks; block++) {
        const x = word(step, 1) + ((row * inputs + block * BLOCK) << 2);
        quantizeBlock(x, word(step, 2) + (tile * blocks + block) * blockBytes, r, form);
      }
    }
  }
}

/** One block of one row of a tile: its integers, four bytes of them at a time, and its scale. */
function quantizeBlock(x: usize, out: usize, row: usize, form: Form): void {
  const scale = scaleOf(x);
  const inverse = f32x4.splat(inverseOf(scale));
  let totals = i32x4.splat(0);
  let target = out + row * 4;
  for (const end = x + BLOCK * 4; x < end; x += 32) {
    const words = i16x8.narrow_i32x4_s(rounded(v128.load(x), inverse), rounded(v128.load(x, 16), inverse));
    if (form === Form.Summed) totals = i32x4.add(totals, i32x4.dot_i16x8_s(words, i16x8.splat(1)));
    if (form === Form.Words) {
      v128.store32_lane(target, words, 0);
      v128.store32_lane(target, words, 1, TILE_ROWS * 4);
      v128.store32_lane(target, words, 2, 2 * TILE_ROWS * 4);
      v128.store32_lane(target, words, 3, 3 * TILE_ROWS * 4);
      target += 4 * TILE_ROWS * 4;
    } else {
      const bytes = i8x16.narrow_i16x8_s(words, words);
      const quads = form === Form.Unsigned ? v128.xor(bytes, i8x16.splat(-128)) : bytes;
      v128.store32_lane(target, quads, 0);
      v128.store32_lane(target, quads, 1, TILE_ROWS * 4);
      target += 2 * TILE_ROWS * 4;
    }
  }
  store<f32>(target, scale);
  if (form === Form.Summed) store<i32>(target, sumOf(totals), 8 * 4);
}

/** As `pack` in index.ts. */
export function packQ8(source: usize, rows: usize, inputs: usize, out: usize, group: usize): void {
  const blocks = inputs / BLOCK;
  const blockBytes = panelBlockBytes(group);
  for (let row: usize = 0; row < rows; row++) {
    const panel = out + (row / PANEL) * blocks * blockBytes;
    for (let block: usize = 0; block < blocks; block++) {
      packBlock(source + ((row * inputs + block * BLOCK) << 2), panel + block * blockBytes, row % PANEL, group);
    }
  }
}

/** One block of one output of a panel. */
function packBlock(x: usize, out: usize, output: usize, group: usize): void {
  const scale = scaleOf(x);
  const inverse = f32x4.splat(inverseOf(scale));
  let totals = i32x4.splat(0);
  let target = out + output * group;
  for (const end = x + BLOCK * 4; x < end; x += 32) {
    const words = i16x8.narrow_i32x4_s(rounded(v128.load(x), inverse), rounded(v128.load(x, 16), inverse));
    const bytes = i8x16.narrow_i16x8_s(words, words);
    totals = i32x4.add(totals, i32x4.dot_i16x8_s(words, i16x8.splat(1)));
    if (group === PAIRS) {
      v128.store16_lane(target, bytes, 0);
      v128.store16_lane(target, bytes, 1, 2 * PANEL);
      v128.store16_lane(target, bytes, 2, 4 * PANEL);
      v128.store16_lane(target, bytes, 3, 6 * PANEL);
    } else {
      v128.store32_lane(target, bytes, 0);
      v128.store32_lane(target, bytes, 1, 4 * PANEL);
    }
    target += 8 * PANEL;
  }
  store<f32>(out + BLOCK * PANEL + (output << 2), scale);
  if (group === QUADS) {
    store<i16>(out + BLOCK * PANEL + 4 * PANEL + (output << 1), sumOf(totals));
  }
}

@inline
function sumOf(integers: v128): i32 {
  const halves = i32x4.add(integers, v128.shuffle<i32>(integers, integers, 2, 3, 0, 1));
  return i32x4.extract_lane(halves, 0) + i32x4.extract_lane(halves, 1);
}

function scaleOf(x: usize): f32 {
  let largest = f32x4.abs(v128.load(x));
  for (let i: usize = 16; i < BLOCK << 2; i += 16) largest = f32x4.max(largest, f32x4.abs(v128.load(x + i)));
  const magnitude = largestOf(largest);
  return magnitude < SMALLEST ? 0 : magnitude / 127;
}

@inline
export function inverseOf(scale: f32): f32 {
  return scale === 0 ? 0 : <f32>1 / scale;
}

@inline
export function rounded(x: v128, inverse: v128): v128 {
  return nearest(f32x4.mul(x, inverse));
}
