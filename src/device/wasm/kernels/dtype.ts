/** How a weight rests, as ../kernels.ts numbers it. */
export enum Dtype {
  F32,
  F16,
  BF16,
  Q8,
  Q4,
}
