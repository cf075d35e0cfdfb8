/** What a list is answered with. It goes over the network: numbers alone, and nothing that a user wrote. */
import { z } from 'zod';
import { ListwiseError } from '../error.js';
import type { Reranker } from '../reranker/reranker.js';
import { type List, problemSchema } from './list.js';

export const outcomeSchema = z.union([
  z.object({
    tokens: z.int(),
    results: z.array(z.object({ index: z.int(), relevance_score: z.number() })),
  }),
  z.object({ error: problemSchema }),
]);

/** A ranking, best first, or why there is none. */
export type Outcome = z.infer<typeof outcomeSchema>;

/** Ranks lists, here or elsewhere. */
export interface ListRanker {
  /** How many lists are given to it at a time. */
  readonly listsAtATime: number;
  /** `key` is the list's own. Rejects only when the whole batch can't go on. */
  rank(list: List, key: string): Promise<Outcome>;
}

/** How often a list is tried when the device fails. */
export const ATTEMPTS = 3;

/** What will be no different at the next attempt. */
const LASTING = new Set(['invalid-input', 'context-exceeded']);

/** What ranks: a reranker. */
export type Ranks = Pick<Reranker, 'rerank'>;

/** Rejects with the signal's reason when aborted; every other failure is an outcome. */
export async function rankOnce(reranker: Ranks, list: List, signal?: AbortSignal): Promise<Outcome> {
  const { query, documents, top_n, instruction } = list;
  const options = { topN: top_n ?? undefined, instruction: instruction ?? undefined, signal };
  try {
    const ranking = await reranker.rerank(query, documents, options);
    const results = ranking.map(({ index, relevanceScore }) => ({ index, relevance_score: relevanceScore }));
    return { tokens: ranking.tokens, results };
  } catch (error) {
    signal?.throwIfAborted();
    const code = error instanceof ListwiseError ? error.code : 'failed';
    return { error: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}

export function isWorthAnotherAttempt(outcome: Outcome): boolean {
  return 'error' in outcome && !LASTING.has(outcome.error.code);
}
