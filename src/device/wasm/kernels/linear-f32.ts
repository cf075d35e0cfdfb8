/**
 * out = epilogue(x·Wᵀ) with weights in f32.
 *
 * The tile: 6 rows × 8 outputs in 12 accumulators, which with two vectors of weights and one of an activation
 * fill the 16 registers that engines give. For each input value the tile loads 8 weights, one after the other in
 * their panel, and one activation of each row.
 */
import { multiplyAdd } from './arithmetic';
import { finish, outputsOfPanel, PANEL, ROW_BLOCK, TILE_ROWS } from './linear-tile';
import { takeItem, word } from './step';

/** Step: x, weight, out, rows, inputs, outputs, epilogue. */
export function linearF32(step: usize): void {
  const rows = word(step, 4);
  const inputs = word(step, 5);
  const outputs = word(step, 6);
  const epilogue = word(step, 7);
  const panels = outputs / PANEL;
  const panelOutputs = outputsOfPanel(epilogue);
  const outRow = (panels * panelOutputs) << 2;
  const items = panels * ((rows + ROW_BLOCK - 1) / ROW_BLOCK);
  for (let item = takeItem(step); item < items; item = takeItem(step)) {
    const panel = item % panels;
    const first = (item / panels) * ROW_BLOCK;
    const end = min(first + ROW_BLOCK, rows);
    const weight = word(step, 2) + ((panel * inputs * PANEL) << 2);
    const out = word(step, 3) + ((panel * panelOutputs) << 2);
    for (let row = first; row < end; row += TILE_ROWS) {
      tile(
        word(step, 1) + ((row * inputs) << 2),
        weight,
        inputs,
        end - row,
        out + row * outRow,
        outRow,
        epilogue,
      );
    }
  }
}

/** Up to 6 rows × 8 outputs. With fewer rows the last one is computed again and not stored. */
function tile(
  x: usize,
  weight: usize,
  inputs: usize,
  rows: usize,
  out: usize,
  outRow: usize,
  epilogue: usize,
): void {
  const xRow = inputs << 2;
  const last = min(rows, TILE_ROWS) - 1;
  let x0 = x;
  let x1 = x + min<usize>(1, last) * xRow;
  let x2 = x + min<usize>(2, last) * xRow;
  let x3 = x + min<usize>(3, last) * xRow;
  let x4 = x + min<usize>(4, last) * xRow;
  let x5 = x + last * xRow;
  let a0 = f32x4.splat(0),
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
  for (const end = weight + ((inputs * PANEL) << 2); weight < end; weight += 32) {
    let low = v128.load(weight, 0),
      high = v128.load(weight, 16);
    let value = v128.load32_splat(x0, 0);
    a0 = multiplyAdd(value, low, a0);
    b0 = multiplyAdd(value, high, b0);
    value = v128.load32_splat(x1, 0);
    a1 = multiplyAdd(value, low, a1);
    b1 = multiplyAdd(value, high, b1);
    value = v128.load32_splat(x2, 0);
    a2 = multiplyAdd(value, low, a2);
    b2 = multiplyAdd(value, high, b2);
    value = v128.load32_splat(x3, 0);
    a3 = multiplyAdd(value, low, a3);
    b3 = multiplyAdd(value, high, b3);
    value = v128.load32_splat(x4, 0);
    a4 = multiplyAdd(value, low, a4);
    b4 = multiplyAdd(value, high, b4);
    value = v128.load32_splat(x5, 0);
    a5 = multiplyAdd(value, low, a5);
    b5 = multiplyAdd(value, high, b5);
    x0 += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    x4 += 4;
    x5 += 4;
  }
  finish(a0, b0, out, epilogue);
  if (last >= 1) finish(a1, b1, out + outRow, epilogue);
  if (last >= 2) finish(a2, b2, out + 2 * outRow, epilogue);
  if (last >= 3) finish(a3, b3, out + 3 * outRow, epilogue);
  if (last >= 4) finish(a4, b4, out + 4 * outRow, epilogue);
  if (last >= 5) finish(a5, b5, out + 5 * outRow, epilogue);
}

/** Packs `rows` (a multiple of 8) of a weight, row-major at `source`, into panels at `out`: [panel][input][8]. */
export function packF32(source: usize, rows: usize, inputs: usize, out: usize): void {
  for (let row: usize = 0; row < rows; row++) {
    let target = out + (((row / PANEL) * inputs * PANEL + (row % PANEL)) << 2);
    for (const end = source + (inputs << 2); source < end; source += 4, target += 4 * PANEL) {
      store<f32>(target, load<f32>(source));
    }
  }
}
