/** How many bytes packed weights and activations take: see kernels/linear-f32.ts and kernels/quantize.ts. */
import { Q8_BLOCK, type WeightDtype } from '../dtype.js';
import type { Form } from './kernels.js';

/** Outputs that a packed weight keeps together. */
export const PANEL = 8;

/** Rows that packed activations keep together. */
const TILE_ROWS = 6;

/** Inputs that one integer instruction multiplies and adds up. */
export function groupOf(form: Form): number {
  return form === 'words' ? 2 : 4;
}

/** A panel of 8 outputs. In q8 a block has a scale for each output, and for groups of four a sum in 16 bits. */
export function panelBytes(inputs: number, dtype: WeightDtype, form: Form): number {
  if (dtype === 'f32') return inputs * PANEL * 4;
  const sums = groupOf(form) === 4 ? PANEL * 2 : 0;
  return (inputs / Q8_BLOCK) * (Q8_BLOCK * PANEL + PANEL * 4 + sums);
}

/** Activations in tiles of 6 rows. In q8 a block has 32 bytes for the rows' scales. */
export function packedBytes(rows: number, inputs: number, dtype: WeightDtype, form: Form): number {
  const tiles = Math.ceil(rows / TILE_ROWS);
  if (dtype === 'f32') return tiles * inputs * TILE_ROWS * 4;
  return tiles * (inputs / Q8_BLOCK) * ((Q8_BLOCK / groupOf(form)) * TILE_ROWS * 4 + 32);
}
