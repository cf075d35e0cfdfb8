/** In what numbers scores are answered: as cosines, −1 to 1, or as shares, (1 + cosine) / 2, 0 to 1. */
export type Scale = 'cosine' | 'share';

export function onScale(scale: Scale, cosine: number): number {
  return scale === 'share' ? (1 + cosine) / 2 : cosine;
}

/** The cosine of a score that a request names; those below −1 leave nothing out, as −1 does. */
export function cosineOf(scale: Scale, score: number | undefined): number | undefined {
  if (score === undefined) return undefined;
  return scale === 'share' ? Math.max(2 * score - 1, -1) : score;
}

/** What `raw_scores` of a request asks for. */
export function scaleOf(rawScores: boolean | undefined, byDefault: Scale): Scale {
  if (rawScores === undefined) return byDefault;
  return rawScores ? 'cosine' : 'share';
}
