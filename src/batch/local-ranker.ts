/** Ranks lists in this process. */
import type { List } from './list.js';
import {
  ATTEMPTS,
  isWorthAnotherAttempt,
  type ListRanker,
  type Outcome,
  type Ranks,
  rankOnce,
} from './outcome.js';

export class LocalRanker implements ListRanker {
  /** While one is ranked the next are read, and the last is written. */
  readonly listsAtATime = 8;
  readonly #reranker: Ranks;
  readonly #signal: AbortSignal;

  constructor(reranker: Ranks, signal: AbortSignal) {
    this.#reranker = reranker;
    this.#signal = signal;
  }

  async rank(list: List): Promise<Outcome> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await rankOnce(this.#reranker, list, this.#signal);
      if (attempt === ATTEMPTS || !isWorthAnotherAttempt(outcome)) return outcome;
    }
  }
}
