/**
 * out = epilogue(x·Wᵀ): what the kernels of all dtypes share.
 *
 * A weight rests in panels of 8 outputs, of 16 where floats are multiplied sixteen at a time; activations are packed in
 * tiles of 6 rows just before the product, both in the order in which the inner loop reads them. A tile's sums stay in
 * registers while the loop goes over the inputs.
 *
 * An item of work is one panel for as many rows as leave each thread a few items: a panel comes from far, rows come
 * in order, so the more rows share it the better. A weight that rests in fewer bits than the inner loop reads is widened
 * then, a panel at a time, into the thread's scratch.
 */
import { silu } from './arithmetic';
import { takeItem, word } from './step';

export const TILE_ROWS: usize = 6;

/** Outputs that are finished at a time; a weight has a multiple of it. */
const OCTET: usize = 8;

/** Bytes at the start of a thread's scratch that hold the sums of a tile, of 16 outputs at most. */
const SUMS_BYTES: usize = 384;

enum Epilogue {
  None,
  Add,
  Relu,
  SwiGlu,
}

/** Brings a panel into the form that `Multiply` reads, at `out` if it does not rest so. Returns where it is. */
type Widen = (panel: usize, inputs: usize, out: usize) => usize;

/** Computes the sums [6, panel] in f32 of a packed tile of activations and a panel, over all inputs. */
type Multiply = (x: usize, weight: usize, inputs: usize, sums: usize) => void;

/** Step: packed x, weight, out, rows, inputs, outputs, epilogue, the weight's dtype, rows of an item. `panel`: outputs in one. */
export function linear(
  step: usize,
  scratch: usize,
  panel: usize,
  tileBytes: usize,
  panelBytes: usize,
  widen: Widen,
  multiply: Multiply,
): void {
  const rows = word(step, 4);
  const inputs = word(step, 5);
  const outputs = word(step, 6);
  const epilogue = word(step, 7);
  const rowBlock = word(step, 9);
  const panels = (outputs + panel - 1) / panel;
  const outBytes: usize = epilogue === Epilogue.SwiGlu ? 2 : 4; // for each output
  const items = panels * ((rows + rowBlock - 1) / rowBlock);
  for (let item = takeItem(step); item < items; item = takeItem(step)) {
    const index = item % panels;
    const first = (item / panels) * rowBlock;
    const end = min(first + rowBlock, rows);
    const weight = widen(word(step, 2) + index * panelBytes, inputs, scratch + SUMS_BYTES);
    const count = min(panel, outputs - index * panel);
    const out = word(step, 3) + index * panel * outBytes;
    for (let row = first; row < end; row += TILE_ROWS) {
      multiply(word(step, 1) + (row / TILE_ROWS) * tileBytes, weight, inputs, scratch);
      for (let r: usize = 0; r < min(end - row, TILE_ROWS); r++) {
        const sums = scratch + r * panel * 4;
        const outRow = out + (row + r) * outputs * outBytes;
        for (let i: usize = 0; i < count; i += OCTET) finish(sums + i * 4, outRow + i * outBytes, epilogue);
      }
    }
  }
}

export function asItRests(panel: usize, _inputs: usize, _out: usize): usize {
  return panel;
}

/** Writes the 8 sums of one row through the epilogue. */
function finish(sums: usize, out: usize, epilogue: usize): void {
  let low = v128.load(sums);
  let high = v128.load(sums, 16);
  if (epilogue === Epilogue.SwiGlu) {
    const gate = v128.shuffle<f32>(low, high, 0, 2, 4, 6);
    const up = v128.shuffle<f32>(low, high, 1, 3, 5, 7);
    v128.store(out, f32x4.mul(silu(gate), up));
    return;
  }
  if (epilogue === Epilogue.Add) {
    low = f32x4.add(low, v128.load(out));
    high = f32x4.add(high, v128.load(out, 16));
  } else if (epilogue === Epilogue.Relu) {
    low = f32x4.max(low, f32x4.splat(0));
    high = f32x4.max(high, f32x4.splat(0));
  }
  v128.store(out, low);
  v128.store(out, high, 16);
}
