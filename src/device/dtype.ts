/**
 * How a weight rests on a device. Every device holds all of them.
 *
 * - `f32`: as it is.
 * - `f16`, `bf16`: rounded to 16 bits.
 * - `q8`: 8-bit integers, one scale for each block of 32 input values.
 * - `q4`: 4-bit integers, a scale and a zero point for each block of 32 input values: 5 bits a weight.
 *
 * With q8 and q4 activations are quantised to 8 bits just before the product, so that the sum within a block is
 * exact integer arithmetic: see quantize.ts.
 */
export type WeightDtype = 'f32' | 'f16' | 'bf16' | 'q8' | 'q4';

/** All ways in which weights can rest. */
export const WEIGHT_DTYPES: readonly WeightDtype[] = ['f32', 'f16', 'bf16', 'q8', 'q4'];

export type QuantizedDtype = 'q8' | 'q4';

export function isQuantized(dtype: WeightDtype): dtype is QuantizedDtype {
  return dtype === 'q8' || dtype === 'q4';
}
