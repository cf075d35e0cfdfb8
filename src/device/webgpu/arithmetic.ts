/**
 * How products are computed where weights rest in f16. Sums are always of 32-bit floats.
 *
 * - `f32`: values are widened, arithmetic is in 32 bits. Every GPU has it.
 * - `f16`: products and sums of four of them are in 16 bits. Needs `shader-f16`.
 * - `matrix`: products are the tensor cores'. Needs experimental features that only Node can ask for.
 *
 * With the latter two, keys and values rest in f16 as well.
 */
export type Arithmetic = 'f32' | 'f16' | 'matrix';

/** Best first. */
export const ARITHMETICS: readonly Arithmetic[] = ['matrix', 'f16', 'f32'];

export const ARITHMETIC_NAMES: Readonly<Record<Arithmetic, string>> = {
  matrix: 'tensor cores',
  f16: '16-bit arithmetic',
  f32: '32-bit arithmetic',
};

/** What an adapter must have. */
export const REQUIRED_FEATURES: Readonly<Record<Arithmetic, readonly string[]>> = {
  matrix: ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'],
  f16: ['shader-f16'],
  f32: [],
};
