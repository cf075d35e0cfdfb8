/**
 * out = epilogue(x·Wᵀ) with weights and activations in 8-bit integers.
 *
 * The dot product of four, of the relaxed build: four times fewer instructions than pairs where the processor has
 * one for it. Its first operand is signed; whether it reads the second as signed or unsigned is the engine's
 * choice (`dotOfLargeBytes` finds out). Unsigned activations have 128 added, which the sums of the weights'
 * integers take away again: the result is the same exact integer.
 */
import { accumulate, finish, outputsOfPanel, PANEL, ROW_BLOCK, TILE_ROWS } from './linear-tile';
import { BLOCK, bytesOfBlock, Form } from './quantize';
import { takeItem, word } from './step';

/** Step: x's integers, x's scales, weight, out, rows, inputs, outputs, epilogue, form. */
export function linearQ8Quads(step: usize, scratch: usize): void {
  const rows = word(step, 5);
  const inputs = word(step, 6);
  const outputs = word(step, 7);
  const epilogue = word(step, 8);
  const form = word(step, 9);
  const blocks = inputs / BLOCK;
  const panels = outputs / PANEL;
  const panelOutputs = outputsOfPanel(epilogue);
  const outRow = (panels * panelOutputs) << 2;
  const items = panels * ((rows + ROW_BLOCK - 1) / ROW_BLOCK);
  for (let item = takeItem(step); item < items; item = takeItem(step)) {
    const panel = item % panels;
    const first = (item / panels) * ROW_BLOCK;
    const end = min(first + ROW_BLOCK, rows);
    const weight = word(step, 3) + panel * blocks * bytesOfBlock(4);
    const out = word(step, 4) + ((panel * panelOutputs) << 2);
    for (let row = first; row < end; row += TILE_ROWS) {
      const x = word(step, 1) + row * inputs;
      const scales = word(step, 2) + ((row * blocks) << 2);
      const last = min(end - row, TILE_ROWS) - 1;
      multiply(x, scales, weight, blocks, last, scratch, form === Form.Unsigned ? -128 : 0);
      for (let r: usize = 0; r <= last; r++) {
        const sums = scratch + r * PANEL * 4;
        finish(v128.load(sums), v128.load(sums, 16), out + (row + r) * outRow, epilogue);
      }
    }
  }
}

/**
 * The sums of up to 6 rows × 8 outputs, into `sums` [6, 8] in f32. Rows past `last` repeat it.
 */
function multiply(
  x: usize,
  scales: usize,
  weight: usize,
  blocks: usize,
  last: usize,
  sums: usize,
  offset: i32,
): void {
  const xRow = blocks * BLOCK;
  const scaleRow = blocks << 2;
  let x0 = x;
  let x1 = x + min<usize>(1, last) * xRow;
  let x2 = x + min<usize>(2, last) * xRow;
  let x3 = x + min<usize>(3, last) * xRow;
  let x4 = x + min<usize>(4, last) * xRow;
  let x5 = x + last * xRow;
  memory.fill(sums, 0, TILE_ROWS * PANEL * 4);
  for (let block: usize = 0; block < blocks; block++) {
    const totals = v128.load(weight, BLOCK * PANEL + 4 * PANEL);
    let a0 = i32x4.mul(i32x4.extend_low_i16x8_s(totals), i32x4.splat(offset));
    let b0 = i32x4.mul(i32x4.extend_high_i16x8_s(totals), i32x4.splat(offset));
    let a1 = a0, b1 = b0, a2 = a0, b2 = b0, a3 = a0, b3 = b0, a4 = a0, b4 = b0, a5 = a0, b5 = b0;
    for (const end = weight + BLOCK * PANEL; weight < end; weight += 4 * PANEL) {
      const low = v128.load(weight);
      const high = v128.load(weight, 16);
      let quad = v128.load32_splat(x0);
      a0 = dotAdd(low, quad, a0);
      b0 = dotAdd(high, quad, b0);
      quad = v128.load32_splat(x1);
      a1 = dotAdd(low, quad, a1);
      b1 = dotAdd(high, quad, b1);
      quad = v128.load32_splat(x2);
      a2 = dotAdd(low, quad, a2);
      b2 = dotAdd(high, quad, b2);
      quad = v128.load32_splat(x3);
      a3 = dotAdd(low, quad, a3);
      b3 = dotAdd(high, quad, b3);
      quad = v128.load32_splat(x4);
      a4 = dotAdd(low, quad, a4);
      b4 = dotAdd(high, quad, b4);
      quad = v128.load32_splat(x5);
      a5 = dotAdd(low, quad, a5);
      b5 = dotAdd(high, quad, b5);
      x0 += 4; x1 += 4; x2 += 4; x3 += 4; x4 += 4; x5 += 4;
    }
    const scaleLow = v128.load(weight);
    const scaleHigh = v128.load(weight, 16);
    let row = scales + (block << 2);
    accumulate(a0, b0, scaleLow, scaleHigh, row, sums, 0);
    row = scales + (block << 2) + min<usize>(1, last) * scaleRow;
    accumulate(a1, b1, scaleLow, scaleHigh, row, sums, 1);
    row = scales + (block << 2) + min<usize>(2, last) * scaleRow;
    accumulate(a2, b2, scaleLow, scaleHigh, row, sums, 2);
    row = scales + (block << 2) + min<usize>(3, last) * scaleRow;
    accumulate(a3, b3, scaleLow, scaleHigh, row, sums, 3);
    row = scales + (block << 2) + min<usize>(4, last) * scaleRow;
    accumulate(a4, b4, scaleLow, scaleHigh, row, sums, 4);
    row = scales + (block << 2) + last * scaleRow;
    accumulate(a5, b5, scaleLow, scaleHigh, row, sums, 5);
    weight += bytesOfBlock(4) - BLOCK * PANEL;
  }
}

/** Four products of signed bytes of `a` with bytes of `b` in each lane, added to `c`. */
// @ts-ignore: decorator
@inline
function dotAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, c);
  return unreachable();
}

/**
 * Four products of 127 and a byte of all ones, added up: 129,540 where the engine reads the byte as unsigned and
 * adds exactly, −508 where it reads it as signed, something else where sums saturate. 0 in the plain build.
 */
export function dotOfLargeBytes(): i32 {
  if (!ASC_FEATURE_RELAXED_SIMD) return 0;
  return i32x4.extract_lane(dotAdd(i8x16.splat(127), i8x16.splat(-1), i32x4.splat(0)), 0);
}
