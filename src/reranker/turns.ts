/** Lets requests run one at a time, in the order in which they came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Runs `task` once all tasks before it have ended. If the signal aborts while it waits, it rejects at once with
   * the signal's reason and never runs.
   */
  take<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const aborted = () => reject(signal?.reason);
      signal?.addEventListener('abort', aborted, { once: true });
      this.#last = this.#last.then(async () => {
        signal?.removeEventListener('abort', aborted);
        try {
          signal?.throwIfAborted();
          resolve(await task());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Resolves when every task taken so far has ended. */
  async ended(): Promise<void> {
    await this.#last;
  }
}
