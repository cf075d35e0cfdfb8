/** Has lists ranked by workers, wherever they are. */
import type { List } from './list.js';
import { type ListRanker, type Outcome, outcomeSchema } from './outcome.js';
import { JOB_NAME, jobOptions, type ListQueue, queueName } from './queue.js';
import type { Connection } from './redis.js';

/** Milliseconds between two looks at what is done. */
const LOOK_EVERY = 100;
/** Milliseconds between two looks at whether all is still there. */
const CHECK_EVERY = 10_000;

interface Asked {
  readonly list: List;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Puts lists into the queue, and looks for what is done rather than being told: an event that comes while Redis is
 * away or before this process began would be missed; what lies there is not.
 */
export class RemoteRanker implements ListRanker {
  readonly listsAtATime = 1_000;
  readonly #queue: ListQueue;
  readonly #onNotice: (notice: string) => void;
  readonly #asked = new Map<string, Asked>();
  #failure: { readonly error: unknown } | undefined;
  #checked = performance.now();
  #hasWorkers = true;

  /**
   * `onNotice` hears when there is no worker. Until the signal aborts it looks for what is done; then all that was
   * asked rejects with the signal's reason, and stays in the queue.
   */
  constructor(
    { bullmq, client }: Connection,
    model: string,
    { signal, onNotice }: { signal: AbortSignal; onNotice: (notice: string) => void },
  ) {
    this.#queue = new bullmq.Queue(queueName(model), { connection: client });
    this.#queue.on('error', () => {}); // the connection tells when Redis is away; all else rejects where it was asked
    this.#onNotice = onNotice;
    signal.addEventListener('abort', () => this.#fail(signal.reason), { once: true });
    this.#look().catch((error: unknown) => this.#fail(error));
  }

  async rank(list: List, key: string): Promise<Outcome> {
    if (this.#failure) throw this.#failure.error;
    const outcome = new Promise<Outcome>((resolve, reject) =>
      this.#asked.set(key, { list, resolve, reject }),
    );
    this.#add(key, list).catch((error: unknown) => this.#fail(error));
    return outcome;
  }

  async #add(key: string, list: List): Promise<void> {
    await this.#queue.add(JOB_NAME, list, jobOptions(key));
  }

  async #look(): Promise<void> {
    while (!this.#failure) {
      const done = await this.#queue.getRanges(['completed', 'failed'], 0, -1);
      await Promise.all(done.map((key) => this.#take(key)));
      if (performance.now() > this.#checked + CHECK_EVERY) await this.#check();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
  }

  /**
   * Takes an outcome out of Redis, unless another batch waits for it. Should this process die before it is written,
   * the list will be asked for again.
   */
  async #take(key: string): Promise<void> {
    if (!this.#asked.has(key)) return;
    const job = await this.#queue.getJob(key);
    const asked = this.#asked.get(key);
    if (!job || !asked) return;
    this.#asked.delete(key);
    await this.#queue.remove(key);
    asked.resolve(outcomeSchema.safeParse(job.returnvalue).data ?? givenUp(job.failedReason));
  }

  /** Redis may have forgotten, as when it was started anew without a file: what is gone is asked for again. */
  async #check(): Promise<void> {
    this.#checked = performance.now();
    await Promise.all(
      Array.from(this.#asked, async ([key, { list }]) => {
        const state = await this.#queue.getJobState(key);
        if (state === 'unknown' && this.#asked.has(key)) await this.#add(key, list);
      }),
    );
    const workers = await this.#queue.getWorkersCount().catch(() => undefined); // not every Redis lets one ask
    if (workers === 0 && this.#hasWorkers) {
      this.#onNotice(`No worker takes lists of ${this.#queue.name}; start one with listwise worker.`);
    }
    this.#hasWorkers = workers !== 0;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }
}

/** BullMQ gives a list up when workers died of it. */
function givenUp(reason: string): Outcome {
  return { error: { code: 'device-failed', message: `No worker could rank the list: ${reason}.` } };
}
