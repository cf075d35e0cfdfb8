/** Scores against what they should be. */

export interface Comparison {
  /** The largest difference of a score. */
  readonly largestError: number;
  /** Whether documents that are further apart than `tie` come in the expected order. */
  readonly ordered: boolean;
}

/** A score that is missing or no number is infinitely far off. */
export function compareScores(
  scores: readonly number[],
  expected: readonly number[],
  tie: number,
): Comparison {
  const errors = expected.map((score, i) => Math.abs(score - (scores[i] ?? Number.NaN)));
  return {
    largestError: errors.reduce((most, error) => Math.max(most, Number.isNaN(error) ? Infinity : error), 0),
    ordered: swapped(scores, expected, tie).length === 0,
  };
}

/** Pairs of documents that `expected` sets further apart than `tie` and `scores` in the other order. */
export function swapped(
  scores: readonly number[],
  expected: readonly number[],
  tie: number,
): [number, number][] {
  return expected.flatMap((a, i) =>
    expected.flatMap((b, j): [number, number][] =>
      a - b > tie && !(scores[i]! > scores[j]!) ? [[i, j]] : [],
    ),
  );
}
