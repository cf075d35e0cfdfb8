/** How good an order is, of a list in which one document is relevant. */

export interface Metrics {
  readonly ndcg10: number;
  /** The mean of this is called MRR. */
  readonly reciprocalRank: number;
  /** Whether the relevant document is first. */
  readonly accuracy: number;
}

/** Of the order that the scores give. Where documents have one score, what is to be expected of a random order of them. */
export function metricsOf(scores: readonly number[], relevant: number): Metrics {
  const score = scores[relevant]!;
  const above = scores.filter((other) => other > score).length;
  const equal = scores.filter((other) => other === score).length;
  return meanMetrics(Array.from({ length: equal }, (_, i) => metricsOfRank(above + 1 + i)));
}

/** What is to be expected of a random order. */
export function metricsOfRandom(documents: number): Metrics {
  return metricsOf(new Array<number>(documents).fill(0), 0);
}

export function meanMetrics(all: readonly Metrics[]): Metrics {
  return {
    ndcg10: mean(all.map(({ ndcg10 }) => ndcg10)),
    reciprocalRank: mean(all.map(({ reciprocalRank }) => reciprocalRank)),
    accuracy: mean(all.map(({ accuracy }) => accuracy)),
  };
}

export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

/** With one relevant document the ideal gain is 1, so nDCG is the gain at its rank. */
function metricsOfRank(rank: number): Metrics {
  return {
    ndcg10: rank <= 10 ? 1 / Math.log2(1 + rank) : 0,
    reciprocalRank: 1 / rank,
    accuracy: rank === 1 ? 1 : 0,
  };
}
