/** What of a model's shape decides how fast a device's kernels are, and whether they can serve it. */
export interface ModelShape {
  readonly hiddenSize: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly intermediateSize: number;
}
