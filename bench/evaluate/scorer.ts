/** A model's scores of a list, in the order of its documents. */
import type { Reranker } from '../../src/reranker/reranker.js';

export class Scorer {
  /** Of what was run. */
  lists = 0;
  tokens = 0;
  readonly #reranker: Reranker;
  readonly #onDocuments: (documents: number) => void;
  /** A list that several tables have is run once. */
  readonly #known = new Map<string, readonly number[]>();

  constructor(reranker: Reranker, onDocuments: (documents: number) => void) {
    this.#reranker = reranker;
    this.#onDocuments = onDocuments;
  }

  async scores(query: string, documents: readonly string[]): Promise<readonly number[]> {
    const key = JSON.stringify([query, documents]);
    const scores = this.#known.get(key) ?? (await this.#run(query, documents));
    this.#known.set(key, scores);
    this.#onDocuments(documents.length);
    return scores;
  }

  async #run(query: string, documents: readonly string[]): Promise<readonly number[]> {
    const ranking = await this.#reranker.rerank(query, documents);
    this.lists++;
    this.tokens += ranking.tokens;
    const scores = new Array<number>(documents.length);
    for (const { index, relevanceScore } of ranking) scores[index] = relevanceScore;
    return scores;
  }
}
