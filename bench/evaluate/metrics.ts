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

/**
 * nDCG@10 of the order that scores give, where several documents may be relevant, all alike. Documents of one score
 * share the gains of the ranks that they take together.
 */
export function ndcg10(scores: readonly number[], relevant: readonly number[]): number {
  const gains = relevant.map((document) => {
    const score = scores[document]!;
    const above = scores.filter((other) => other > score).length;
    const equal = scores.filter((other) => other === score).length;
    return mean(Array.from({ length: equal }, (_, i) => gainOfRank(above + 1 + i)));
  });
  const best = relevant.map((_, i) => gainOfRank(i + 1));
  return mean(gains) / mean(best);
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
    ndcg10: gainOfRank(rank),
    reciprocalRank: 1 / rank,
    accuracy: rank === 1 ? 1 : 0,
  };
}

function gainOfRank(rank: number): number {
  return rank <= 10 ? 1 / Math.log2(1 + rank) : 0;
}
