/**
 * Runs programs on threads. Each thread is a worker with the kernels over the same memory; a program is sent to
 * all of them and done when all have answered. The calling thread only waits, so it stays free for events.
 *
 * Where workers can't share memory (a page that is not cross-origin isolated), or none can be started, the calling thread
 * does the work.
 */
import { workerStarts } from '#platform';
import { ListwiseError } from '../../error.js';
import type { PlatformWorker, WorkerStart } from '../../platform/worker.js';
import type { Kernels } from './kernels.js';
import workerScript from './worker.ts?script';

export interface Program {
  readonly address: number;
  readonly steps: number;
  /** Two words for the threads to meet at. */
  readonly barrier: number;
  /** Where the threads' scratch begins; each has `scratchBytes`. */
  readonly scratch: number;
  readonly scratchBytes: number;
}

export interface ThreadPool {
  readonly threads: number;
  /** False once a thread has failed. */
  readonly alive: boolean;
  run(program: Program): Promise<void>;
  dispose(): Promise<void>;
}

/** Seconds that a worker may take to answer that it has the kernels. */
const ANSWER_SECONDS = 30;

/** `threads` workers; the calling thread for 0, or, with a notice, where workers can't be had. */
export async function startThreads(
  kernels: Kernels,
  threads: number,
  onNotice: (notice: string) => void,
): Promise<ThreadPool> {
  if (threads === 0) return new CallingThread(kernels);
  const reasons: string[] = [];
  for (const start of workerStarts) {
    try {
      return new WorkerPool(await startWorkers(start, kernels, threads));
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  onNotice(`wasm has one thread, since no worker could be started: ${reasons[0]}.`);
  return new CallingThread(kernels);
}

/** Each has to answer before it is trusted: a browser may refuse a worker after it was made. */
async function startWorkers(
  start: WorkerStart,
  { module, memory }: Kernels,
  threads: number,
): Promise<PlatformWorker[]> {
  const workers: PlatformWorker[] = [];
  try {
    for (let thread = 0; thread < threads; thread++) workers.push(start(workerScript));
    await Promise.all(workers.map((worker) => answer(worker, { module, memory })));
    return workers;
  } catch (error) {
    await Promise.all(workers.map((worker) => worker.terminate()));
    throw error;
  }
}

/** A worker's first answer, to `message`. */
async function answer(worker: PlatformWorker, message: unknown): Promise<void> {
  let limit: ReturnType<typeof setTimeout> | undefined;
  await new Promise<void>((resolve, reject) => {
    worker.onMessage(() => resolve());
    worker.onError(reject);
    limit = setTimeout(
      () => reject(new Error(`it gave no answer in ${ANSWER_SECONDS} s`)),
      1000 * ANSWER_SECONDS,
    );
    worker.post(message);
  }).finally(() => clearTimeout(limit));
}

/** Fails for good when one worker does: its memory can't be trusted any more. */
class WorkerPool implements ThreadPool {
  readonly #workers: readonly PlatformWorker[];
  #running: { answers: number; resolve: () => void; reject: (error: unknown) => void } | undefined;
  #failure: ListwiseError | undefined;

  constructor(workers: readonly PlatformWorker[]) {
    this.#workers = workers;
    for (const worker of workers) {
      worker.onMessage(() => this.#answered());
      worker.onError((cause) => this.#failed(cause));
    }
  }

  get threads(): number {
    return this.#workers.length;
  }

  get alive(): boolean {
    return this.#failure === undefined;
  }

  run(program: Program): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#running = { answers: 0, resolve, reject };
      for (const [thread, worker] of this.#workers.entries()) {
        worker.ref();
        worker.post({ program, thread, threads: this.threads });
      }
    });
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #answered(): void {
    const running = this.#running;
    if (!running || ++running.answers < this.#workers.length) return;
    this.#stop();
    running.resolve();
  }

  #failed(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    this.#failure ??= new ListwiseError('device-failed', `A worker thread failed: ${message}`, {
      cause,
      hint: 'The next request starts new ones.',
    });
    const running = this.#running;
    this.#stop();
    running?.reject(this.#failure);
  }

  #stop(): void {
    this.#running = undefined;
    for (const worker of this.#workers) worker.unref();
  }
}

class CallingThread implements ThreadPool {
  readonly threads = 1; // as the kernels count
  readonly alive = true;
  readonly #kernels: Kernels;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  async run({ address, steps, barrier, scratch }: Program): Promise<void> {
    // A turn of the event loop between programs: a page repaints, an abort is heard.
    await new Promise((resolve) => setTimeout(resolve));
    this.#kernels.exports.run(address, steps, barrier, 1, scratch);
  }

  async dispose(): Promise<void> {}
}
