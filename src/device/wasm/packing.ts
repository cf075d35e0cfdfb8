/** How many bytes packed weights and activations take: see linear-f32.ts, halves.ts, quantize.ts, q4.ts of kernels/. */
import { isQuantized, type WeightDtype } from '../dtype.js';
import { BLOCK } from '../quantize.js';
import type { Form } from './kernels.js';

/** Outputs that a packed weight keeps together. */
export const PANEL = 8;

/** Rows that packed activations keep together. */
const TILE_ROWS = 6;

/** In a block of q8 or q4, for each output. */
const SCALE_BYTES = 4;

/** Inputs that one integer instruction multiplies and adds up. */
export function groupOf(form: Form): number {
  return form === 'words' ? 2 : 4;
}

/** A panel of 8 outputs. In q8 a block has for groups of four a sum in 16 bits for each output. */
export function panelBytes(inputs: number, dtype: WeightDtype, form: Form): number {
  const sums = groupOf(form) === 4 ? 2 : 0;
  const bytesOfInput: Readonly<Record<WeightDtype, number>> = {
    f32: 4,
    f16: 2,
    bf16: 2,
    q8: 1 + (SCALE_BYTES + sums) / BLOCK,
    q4: 1 / 2 + SCALE_BYTES / BLOCK,
  };
  return inputs * PANEL * bytesOfInput[dtype];
}

/** A panel as it is multiplied, where it does not rest so. */
export function widenedBytes(inputs: number, dtype: WeightDtype, form: Form): number {
  if (dtype === 'q4') return panelBytes(inputs, 'q8', form);
  return dtype === 'f16' || dtype === 'bf16' ? panelBytes(inputs, 'f32', form) : 0;
}

/** Activations in tiles of 6 rows. Quantised, a block has 32 bytes for the rows' scales. */
export function packedBytes(rows: number, inputs: number, dtype: WeightDtype, form: Form): number {
  const tiles = Math.ceil(rows / TILE_ROWS);
  if (!isQuantized(dtype)) return tiles * inputs * TILE_ROWS * 4;
  return tiles * (inputs / BLOCK) * ((BLOCK / groupOf(form)) * TILE_ROWS * 4 + 32);
}
