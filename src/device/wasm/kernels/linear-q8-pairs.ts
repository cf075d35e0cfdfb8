/**
 * out = epilogue(x·Wᵀ) with weights and activations in 8-bit integers.
 *
 * The product of pairs, which every engine has: activations in 16 bits, weights widened to 16 bits as they are
 * loaded, two neighbouring inputs multiplied and added into 32 bits by one instruction, exactly.
 */
import { accumulate, finish, outputsOfPanel, PANEL, ROW_BLOCK, TILE_ROWS } from './linear-tile';
import { BLOCK, bytesOfBlock } from './quantize';
import { takeItem, word } from './step';

/** Step: x's integers, x's scales, weight, out, rows, inputs, outputs, epilogue. */
export function linearQ8Pairs(step: usize, scratch: usize): void {
  const rows = word(step, 5);
  const inputs = word(step, 6);
  const outputs = word(step, 7);
  const epilogue = word(step, 8);
  const blocks = inputs / BLOCK;
  const panels = outputs / PANEL;
  const panelOutputs = outputsOfPanel(epilogue);
  const outRow = (panels * panelOutputs) << 2;
  const items = panels * ((rows + ROW_BLOCK - 1) / ROW_BLOCK);
  for (let item = takeItem(step); item < items; item = takeItem(step)) {
    const panel = item % panels;
    const first = (item / panels) * ROW_BLOCK;
    const end = min(first + ROW_BLOCK, rows);
    const weight = word(step, 3) + panel * blocks * bytesOfBlock(2);
    const out = word(step, 4) + ((panel * panelOutputs) << 2);
    for (let row = first; row < end; row += TILE_ROWS) {
      const x = word(step, 1) + ((row * inputs) << 1);
      const scales = word(step, 2) + ((row * blocks) << 2);
      const last = min(end - row, TILE_ROWS) - 1;
      multiply(x, scales, weight, blocks, last, scratch);
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
function multiply(x: usize, scales: usize, weight: usize, blocks: usize, last: usize, sums: usize): void {
  const xRow = blocks * BLOCK * 2;
  const scaleRow = blocks << 2;
  let x0 = x;
  let x1 = x + min<usize>(1, last) * xRow;
  let x2 = x + min<usize>(2, last) * xRow;
  let x3 = x + min<usize>(3, last) * xRow;
  let x4 = x + min<usize>(4, last) * xRow;
  let x5 = x + last * xRow;
  memory.fill(sums, 0, TILE_ROWS * PANEL * 4);
  for (let block: usize = 0; block < blocks; block++) {
    let a0 = i32x4.splat(0),
      b0 = a0,
      a1 = a0,
      b1 = a0,
      a2 = a0,
      b2 = a0;
    let a3 = a0,
      b3 = a0,
      a4 = a0,
      b4 = a0,
      a5 = a0,
      b5 = a0;
    for (const end = weight + BLOCK * PANEL; weight < end; weight += 2 * PANEL) {
      const low = v128.load8x8_s(weight);
      const high = v128.load8x8_s(weight, 8);
      let pair = v128.load32_splat(x0);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(pair, low));
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(pair, high));
      pair = v128.load32_splat(x1);
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(pair, low));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(pair, high));
      pair = v128.load32_splat(x2);
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(pair, low));
      b2 = i32x4.add(b2, i32x4.dot_i16x8_s(pair, high));
      pair = v128.load32_splat(x3);
      a3 = i32x4.add(a3, i32x4.dot_i16x8_s(pair, low));
      b3 = i32x4.add(b3, i32x4.dot_i16x8_s(pair, high));
      pair = v128.load32_splat(x4);
      a4 = i32x4.add(a4, i32x4.dot_i16x8_s(pair, low));
      b4 = i32x4.add(b4, i32x4.dot_i16x8_s(pair, high));
      pair = v128.load32_splat(x5);
      a5 = i32x4.add(a5, i32x4.dot_i16x8_s(pair, low));
      b5 = i32x4.add(b5, i32x4.dot_i16x8_s(pair, high));
      x0 += 4;
      x1 += 4;
      x2 += 4;
      x3 += 4;
      x4 += 4;
      x5 += 4;
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
    weight += bytesOfBlock(2) - BLOCK * PANEL;
  }
}
