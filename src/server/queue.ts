/** How many requests may be under way, and when it is worth to ask again. */
import { Refusal } from './failure.js';

/** Of the mean time that a request takes, how much the last one counts. */
const RECENT = 0.1;
const MOST_RETRY_AFTER = 60; // seconds

export class Queue {
  readonly limit: number;
  #length = 0;
  #meanSeconds = 0;
  #closed = false;
  #whenEmpty: (() => void) | undefined;

  /** For at most `limit` requests, those that wait and those that are ranked. */
  constructor(limit: number) {
    this.limit = limit;
  }

  get length(): number {
    return this.#length;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Throws the refusals `busy` and `stopping`. */
  checkRoom(): void {
    if (this.#closed) throw new Refusal('stopping', 'The server is being shut down.');
    if (this.#length < this.limit) return;
    const seconds = Math.ceil(this.#length * this.#meanSeconds);
    throw new Refusal('busy', `${this.#length} requests wait already, as many as may.`, {
      retryAfter: Math.min(Math.max(seconds, 1), MOST_RETRY_AFTER),
    });
  }

  /** Runs `task` as one of the requests under way. Its `rankSeconds` go into the estimate. Throws as `checkRoom`. */
  async run<T extends { readonly rankSeconds: number }>(task: () => Promise<T>): Promise<T> {
    this.checkRoom();
    this.#length++;
    try {
      const done = await task();
      this.#meanSeconds += RECENT * (done.rankSeconds - this.#meanSeconds);
      return done;
    } finally {
      this.#length--;
      if (this.#length === 0) this.#whenEmpty?.();
    }
  }

  /** Lets nobody in any more, and resolves when those that are in have left. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#length === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
  }
}
