/** A small request and the embedded model, for tests of what goes on around them. */

import type { LoadOptions } from '../../src/reranker/load-options.js';
import type { Ranking } from '../../src/reranker/ranking.js';
import { Reranker } from '../../src/reranker/reranker.js';

export const QUERY = 'tool to edit photos';
export const DOCUMENTS: readonly string[] = [
  'Chess engine without a graphical interface.',
  'Retouch photographs and compose pictures.',
  'Shared library to parse XML.',
];

/** Numbers in an embedding of the embedded model. */
export const EMBEDDING_LENGTH = 224;

/** One thread: these tests run beside others, and their prompts are short. */
export function loadEmbedded(options: LoadOptions = {}): Promise<Reranker> {
  return Reranker.load(undefined, { device: 'wasm', threads: 1, ...options });
}

export function ranksSmallRequest(reranker: Reranker): Promise<Ranking> {
  return reranker.rerank(QUERY, DOCUMENTS);
}
