/**
 * Runs programs on threads. Each thread is a worker with the kernels over the same memory; a program is sent to
 * all of them and done when all have answered. The calling thread only waits, so it stays free for events.
 *
 * Where workers can't share memory (a page that is not cross-origin isolated) the calling thread does the work.
 */
import { startWorker } from '#platform';
import { ListwiseError } from '../../error.js';
import type { PlatformWorker } from '../../platform/worker.js';
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

/** `threads` workers; the calling thread for 0, or where workers can't be had. */
export async function startThreads(kernels: Kernels, threads: number): Promise<ThreadPool> {
  if (threads === 0) return new CallingThread(kernels);
  const workers: PlatformWorker[] = [];
  try {
    for (let thread = 0; thread < threads; thread++) {
      const worker = startWorker(workerScript);
      workers.push(worker);
      worker.post({ module: kernels.module, memory: kernels.memory });
    }
    return new WorkerPool(workers);
  } catch {
    await Promise.all(workers.map((worker) => worker.terminate()));
    return new CallingThread(kernels);
  }
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
