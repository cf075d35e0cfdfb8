/** The two ways to score a list's documents that are compared: BM25's and the model's. */
import { BM25 } from './bm25.js';
import type { List } from './lists.js';
import type { Scorer } from './scorer.js';

/** Both give scores in the order of the list's documents. */
export interface Methods {
  readonly bm25: (list: List) => readonly number[];
  readonly model: (list: List) => Promise<readonly number[]>;
}

/** For lists of this collection. BM25 knows how rare a word is from all of it. */
export function methodsFor(collection: readonly string[], scorer: Scorer): Methods {
  const bm25 = new BM25(collection);
  return {
    bm25: ({ query, documents }) => bm25.scores(query, documents),
    model: ({ query, documents }) =>
      scorer.scores(
        query,
        documents.map((place) => collection[place]!),
      ),
  };
}
