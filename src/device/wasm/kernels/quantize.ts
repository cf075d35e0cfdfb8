/**
 * 8-bit integers: activations just before a product, weights once when they are loaded. A block of 32 values has
 * one scale, max|x| / 127, and each value becomes round(x / scale).
 */
import { PANEL } from './linear-tile';
import { takeItem, word } from './step';

export const BLOCK: usize = 32; // inputs

/** A block whose values are all smaller is zero: the inverse of its scale would leave the range of floats. */
const SMALLEST: f32 = 1e-30;

/** How the integers of an activation rest. */
export enum Form {
  /** 16 bits, for the product of pairs. */
  Words,
  /** 8 bits, for a dot product that reads them as signed. */
  Signed,
  /** 8 bits and 128 more, for a dot product that reads them as unsigned. */
  Unsigned,
}

// @ts-ignore: decorator
@inline
function largestMagnitude(x: usize): f32 {
  let largest = f32x4.abs(v128.load(x));
  for (let i: usize = 16; i < BLOCK << 2; i += 16) largest = f32x4.max(largest, f32x4.abs(v128.load(x + i)));
  largest = f32x4.max(largest, v128.shuffle<f32>(largest, largest, 2, 3, 0, 1));
  largest = f32x4.max(largest, v128.shuffle<f32>(largest, largest, 1, 0, 3, 2));
  return f32x4.extract_lane(largest, 0);
}

// @ts-ignore: decorator
@inline
function scaleOf(x: usize): f32 {
  const largest = largestMagnitude(x);
  return largest < SMALLEST ? 0 : largest / 127;
}

// @ts-ignore: decorator
@inline
function inverseOf(scale: f32): v128 {
  return f32x4.splat(scale === 0 ? 0 : 1 / scale);
}

/** Eight values as 16-bit integers. */
// @ts-ignore: decorator
@inline
function quantized(x: usize, inverse: v128): v128 {
  const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x), inverse)));
  const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x, 16), inverse)));
  return i16x8.narrow_i32x4_s(low, high);
}

/** Step: x, integers, scales, rows, inputs, form. A row is an item. */
export function quantizeRows(step: usize): void {
  const rows = word(step, 4);
  const inputs = word(step, 5);
  const form = word(step, 6);
  const blocks = inputs / BLOCK;
  for (let row = takeItem(step); row < rows; row = takeItem(step)) {
    const scales = word(step, 3) + ((row * blocks) << 2);
    for (let block: usize = 0; block < blocks; block++) {
      const place = row * inputs + block * BLOCK;
      const x = word(step, 1) + (place << 2);
      const scale = scaleOf(x);
      store<f32>(scales + (block << 2), scale);
      if (form === Form.Words) quantizeToWords(x, scale, word(step, 2) + (place << 1));
      else quantizeToBytes(x, scale, word(step, 2) + place, form === Form.Unsigned ? 0x80 : 0);
    }
  }
}

// @ts-ignore: decorator
@inline
function quantizeToWords(x: usize, scale: f32, out: usize): void {
  const inverse = inverseOf(scale);
  for (let i: usize = 0; i < BLOCK; i += 8) v128.store(out + (i << 1), quantized(x + (i << 2), inverse));
}

/** `flip` 0x80 turns a signed byte into one that counts from −128. */
// @ts-ignore: decorator
@inline
function quantizeToBytes(x: usize, scale: f32, out: usize, flip: u8): void {
  const inverse = inverseOf(scale);
  for (let i: usize = 0; i < BLOCK; i += 16) {
    const low = quantized(x + (i << 2), inverse);
    const high = quantized(x + ((i + 8) << 2), inverse);
    v128.store(out + i, v128.xor(i8x16.narrow_i16x8_s(low, high), i8x16.splat(flip)));
  }
}

/**
 * Packs `rows` (a multiple of 8) of a weight, row-major at `source`, into panels at `out`. A panel is a sequence
 * of blocks: `together` inputs (2 or 4) of each of the 8 outputs in turn, 256 bytes; the 8 scales; and, where 4
 * inputs stand together, the 8 sums of a block's integers in 16 bits. `together` is what one instruction adds up.
 */
export function packQ8(source: usize, rows: usize, inputs: usize, out: usize, together: usize): void {
  const blocks = inputs / BLOCK;
  const blockBytes = bytesOfBlock(together);
  for (let row: usize = 0; row < rows; row++) {
    const lane = row % PANEL;
    const panel = out + (row / PANEL) * blocks * blockBytes;
    for (let block: usize = 0; block < blocks; block++) {
      const x = source + ((row * inputs + block * BLOCK) << 2);
      packBlock(x, panel + block * blockBytes, lane, together);
    }
  }
}

/** Bytes of a panel's block. */
// @ts-ignore: decorator
@inline
export function bytesOfBlock(together: usize): usize {
  return BLOCK * PANEL + 4 * PANEL + (together === 4 ? 2 * PANEL : 0);
}

function packBlock(x: usize, out: usize, lane: usize, together: usize): void {
  const scale = scaleOf(x);
  const inverse: f32 = scale === 0 ? 0 : 1 / scale;
  let total: i32 = 0;
  for (let i: usize = 0; i < BLOCK; i++) {
    const integer = <i32>nearest<f32>(load<f32>(x + (i << 2)) * inverse);
    store<i8>(out + (i / together) * together * PANEL + lane * together + (i % together), integer);
    total += integer;
  }
  store<f32>(out + BLOCK * PANEL + (lane << 2), scale);
  if (together === 4) store<i16>(out + BLOCK * PANEL + 4 * PANEL + (lane << 1), total);
}
