/** What of a model's shape decides how fast a device's kernels are, and whether they can serve it. */
export interface ModelShape {
  readonly hiddenSize: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly intermediateSize: number;
}

/** Heads as kernels see them. */
export interface HeadShape {
  readonly headDim: number;
  /** Query heads that share a key-value head. */
  readonly group: number;
}

export function headsOf({ headDim, heads, kvHeads }: ModelShape): HeadShape {
  return { headDim, group: heads / kvHeads };
}
