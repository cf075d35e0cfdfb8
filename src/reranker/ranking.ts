/** Scores to a ranking: the best first, or those first that add most. */
import { pickDiverse } from './diversity.js';
import type { EmbeddedBlocks } from './embed-blocks.js';
import type { RerankRequest } from './options.js';
import type { Protocol, ScoreScale } from './protocols/protocol.js';
import { byRelevance } from './scores.js';
import { finishInTurns, type Steps } from './steps.js';

/** One document of a ranking. */
export interface RankedDocument {
  /** Its place in the documents that were given. */
  readonly index: number;
  /** On the ranking's scale: a cosine of embeddings, −1 to 1, or the probability that the document answers, 0 to 1. */
  readonly relevanceScore: number;
  /** What it adds to the documents before it, as a share of the whole list's worth, when `diversity` was asked for. */
  readonly gain?: number;
  /** The document as it was given. */
  readonly document: string;
  /** The document's embedding, not normalised, when asked for. */
  readonly embedding?: Float32Array;
}

/** Documents, most relevant first; with `diversity`, those first that add most. */
export interface Ranking extends Array<RankedDocument> {
  /** What scores are: cosines, −1 to 1, or probabilities, 0 to 1. */
  readonly scale: ScoreScale;
  /** Tokens of the prompts, up to their last marker. */
  readonly tokens: number;
  /** Those of them that did not have to be run: their keys and values, or their embeddings, were there. */
  readonly cachedTokens: number;
}

export async function rankingOf(
  protocol: Protocol,
  request: RerankRequest,
  { blocks, tokens, cachedTokens }: EmbeddedBlocks,
): Promise<Ranking> {
  const scores = protocol.scores(blocks);
  const embeddings = blocks.flatMap((rows) => rows.slice(0, -1)); // the last is the query's
  const picked = await finishInTurns(picks(request, embeddings, scores), request.signal);
  const ranked = picked.map(({ index, gain }) => ({
    index,
    relevanceScore: scores[index]!,
    ...(gain === undefined ? {} : { gain }),
    document: request.documents[index]!,
    ...(request.returnEmbeddings ? { embedding: embeddings[index]! } : {}),
  }));
  return Object.assign(ranked, { scale: protocol.scale, tokens, cachedTokens });
}

function* picks(
  { diversity, topN, minScore }: RerankRequest,
  embeddings: readonly Float32Array[],
  scores: readonly number[],
): Steps<{ index: number; gain?: number }[]> {
  const least = minScore ?? Number.NEGATIVE_INFINITY;
  const relevant = byRelevance(scores).filter((index) => scores[index]! >= least);
  if (diversity !== undefined) return yield* pickDiverse(embeddings, scores, relevant, diversity, topN);
  return relevant.slice(0, topN).map((index) => ({ index }));
}
