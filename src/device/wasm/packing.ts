/** How many bytes packed weights and activations take: see linear-f32.ts, halves.ts, quantize.ts, q4.ts of kernels/. */
import { isQuantized, type QuantizedDtype, type WeightDtype } from '../dtype.js';
import { BLOCK } from '../quantize.js';

/** Of how many outputs a weight has a multiple. */
export const OCTET = 8;

/** How a build packs what it multiplies. */
export interface Layout {
  /** Of activations, where weights of a dtype are multiplied as integers. */
  readonly forms: Readonly<Record<QuantizedDtype, Form>>;
  /** Outputs that a packed weight of floats keeps together, 8 or 16; of integers it is 8. */
  readonly floatPanel: number;
}

/**
 * Activations in 8-bit integers: pairs of 16-bit words, or quads of bytes that the engine reads as signed or as unsigned;
 * `summed` are signed ones with the sum of each block.
 */
export type Form = 'words' | 'signed' | 'unsigned' | 'summed';

/** Rows that packed activations keep together. */
const TILE_ROWS = 6;

/** Items of work that each thread should find in a step, so that all end at nearly the same time. */
const ITEMS_A_THREAD = 4;

/** Rows of an item where a step has `columns` items for the same rows: all, if those are enough, in whole tiles. */
export function rowsOfItem(rows: number, columns: number, threads: number): number {
  const blocks = Math.ceil((ITEMS_A_THREAD * threads) / columns);
  return Math.ceil(rows / blocks / TILE_ROWS) * TILE_ROWS;
}

/** In a block of q8 or q4, for each output. */
const SCALE_BYTES = 4;

/** Inputs that one integer instruction multiplies and adds up. */
export function groupOf(dtype: WeightDtype, { forms }: Layout): number {
  if (!isQuantized(dtype)) return 1;
  return forms[dtype] === 'words' ? 2 : 4;
}

/** A weight of so many outputs. */
export function weightBytes(outputs: number, inputs: number, dtype: WeightDtype, layout: Layout): number {
  return Math.ceil(outputs / panelOf(dtype, layout)) * panelBytes(inputs, dtype, layout);
}

/** Outputs of a panel. */
export function panelOf(dtype: WeightDtype, { floatPanel }: Layout): number {
  return isQuantized(dtype) ? 8 : floatPanel;
}

/** In q8 a block has for groups of four a sum in 16 bits for each output. */
export function panelBytes(inputs: number, dtype: WeightDtype, layout: Layout): number {
  const sums = groupOf(dtype, layout) === 4 ? 2 : 0;
  const bytesOfInput: Readonly<Record<WeightDtype, number>> = {
    f32: 4,
    f16: 2,
    bf16: 2,
    q8: 1 + (SCALE_BYTES + sums) / BLOCK,
    q4: 1 / 2 + SCALE_BYTES / BLOCK,
  };
  return inputs * panelOf(dtype, layout) * bytesOfInput[dtype];
}

/** A panel as it is multiplied, where it does not rest so. */
export function widenedBytes(inputs: number, dtype: WeightDtype, layout: Layout): number {
  if (dtype === 'q4' && layout.forms.q4 !== 'summed') return panelBytes(inputs, 'q8', layout);
  return dtype === 'f16' || dtype === 'bf16' ? panelBytes(inputs, 'f32', layout) : 0;
}

/** Activations in tiles of 6 rows. Quantised, a block has 32 bytes for the rows' scales, and as many for their sums. */
export function packedBytes(rows: number, inputs: number, dtype: WeightDtype, layout: Layout): number {
  const tiles = Math.ceil(rows / TILE_ROWS);
  if (!isQuantized(dtype)) return tiles * inputs * TILE_ROWS * 4;
  const scaleBytes = layout.forms[dtype] === 'summed' ? 64 : 32;
  return tiles * (inputs / BLOCK) * ((BLOCK / groupOf(dtype, layout)) * TILE_ROWS * 4 + scaleBytes);
}
