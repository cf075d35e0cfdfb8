/** What is under way: so many tasks at a time, and so many bytes. */

/** Of text that is under way, here or in Redis. */
const MOST_BYTES = 64 * 2 ** 20;

export class Window {
  readonly #mostTasks: number;
  #tasks = 0;
  #bytes = 0;
  #failure: { readonly error: unknown } | undefined;
  #onChange: (() => void) | undefined;

  constructor(mostTasks: number) {
    this.#mostTasks = mostTasks;
  }

  /** Starts a task when there is room; resolves when it was started. Rejects when an earlier task has failed. */
  async start(bytes: number, task: () => Promise<void>): Promise<void> {
    await this.#until(() => this.#hasRoom(bytes));
    void this.#run(bytes, task);
  }

  /** Resolves when all have ended. Rejects when one has failed. */
  async ended(): Promise<void> {
    await this.#until(() => this.#tasks === 0);
  }

  async #run(bytes: number, task: () => Promise<void>): Promise<void> {
    this.#tasks++;
    this.#bytes += bytes;
    try {
      await task();
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#tasks--;
    this.#bytes -= bytes;
    this.#onChange?.();
  }

  #hasRoom(bytes: number): boolean {
    return this.#tasks === 0 || (this.#tasks < this.#mostTasks && this.#bytes + bytes <= MOST_BYTES);
  }

  async #until(condition: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure) throw this.#failure.error;
      if (condition()) return;
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
  }
}
