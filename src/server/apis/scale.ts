/**
 * In what numbers scores are answered: as the model gives them, or cosines as shares, (1 + cosine) / 2, from 0 to 1.
 * A model whose scores are probabilities has them from 0 to 1 already.
 */
import type { ScoreScale } from '../../reranker/protocols/protocol.js';

export type Scale = 'own' | 'share';

export function onScale(scale: Scale, score: number): number {
  return scale === 'share' ? (1 + score) / 2 : score;
}

/** The model's own of a score that a request names; cosines below −1 leave nothing out, as −1 does. */
export function ownScore(scale: Scale, score: number | undefined): number | undefined {
  if (score === undefined) return undefined;
  return scale === 'share' ? Math.max(2 * score - 1, -1) : score;
}

/** What `raw_scores` of a request asks for. */
export function scaleOf(model: ScoreScale, rawScores: boolean | undefined, byDefault: Scale): Scale {
  if (model === 'probability') return 'own';
  if (rawScores === undefined) return byDefault;
  return rawScores ? 'own' : 'share';
}
