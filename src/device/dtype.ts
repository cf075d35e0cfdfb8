/**
 * How a weight rests on a device.
 *
 * - `f32`: as it is.
 * - `f16`, `bf16`: rounded to 16 bits.
 * - `q8`: 8-bit integers, one scale for each block of 32 input values. Activations are quantised the same way
 *   just before the product, so that the sum within a block is exact integer arithmetic.
 */
export type WeightDtype = 'f32' | 'f16' | 'bf16' | 'q8';

export const WEIGHT_DTYPES: readonly WeightDtype[] = ['f32', 'f16', 'bf16', 'q8'];

/** Input values that share a scale in `q8`. */
export const Q8_BLOCK = 32;

/** A block below this is zero: the inverse of its scale would leave the range of 32-bit floats. */
const Q8_SMALLEST = 1e-30;

/** Added to a 32-bit float and taken away again, it leaves the nearest integer; halves go to the even neighbour. */
const ROUNDER = 1.5 * 2 ** 23;

/**
 * Quantises one block of up to 32 values: scale = max|x| / 127, q = round(x / scale), all in 32-bit arithmetic,
 * so that every device gets the same integers. Returns the scale, which is 0 for a block whose
 * values are all smaller than `Q8_SMALLEST`.
 */
export function quantizeBlock(
  values: ArrayLike<number>,
  start: number,
  count: number,
  into: Int8Array,
): number {
  let largest = 0;
  for (let i = start; i < start + count; i++) largest = Math.max(largest, Math.abs(values[i]!));
  const scale = largest < Q8_SMALLEST ? 0 : Math.fround(Math.fround(largest) / 127);
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
  for (let i = start; i < start + count; i++) {
    into[i] = Math.fround(Math.fround(Math.fround(values[i]!) * inverse) + ROUNDER) - ROUNDER;
  }
  return scale;
}
