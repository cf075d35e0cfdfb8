/** The page's side of the worker that downloads. */
import { ListwiseError } from '../../src/error.js';
import { startWorker } from '../start-worker.js';
import type { DownloadState, ModelReply, TaskName, Tasks } from './messages.js';

export interface Listeners {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadState) => void;
  readonly onNotice?: (notice: string) => void;
  readonly onWaiting?: () => void;
}

/** A task that failed, in words for people. */
export class TaskError extends Error {
  readonly hint: string;

  constructor(message: string, hint = '') {
    super(message);
    this.hint = hint;
  }
}

/** What went wrong and what to do, for people. */
export function inWords(error: unknown): string {
  if (error instanceof TaskError || error instanceof ListwiseError) {
    return `${error.message} ${error.hint ?? ''}`.trim();
  }
  return error instanceof Error ? error.message : String(error);
}

export class ModelWorker {
  /** Started when it is first asked for something. */
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, (reply: ModelReply) => void>();
  #lastId = 0;

  /** Rejects with a TaskError; when aborted, with the signal's reason, once the task has ended. */
  ask<Name extends TaskName>(
    task: Name,
    input: Tasks[Name]['takes'],
    { signal, onProgress, onNotice, onWaiting }: Listeners = {},
  ): Promise<Tasks[Name]['gives']> {
    const worker = this.#started();
    const id = ++this.#lastId;
    signal?.addEventListener('abort', () => worker.postMessage({ id, abort: true }));
    const answer = new Promise<Tasks[Name]['gives']>((resolve, reject) => {
      this.#waiting.set(id, (reply) => {
        if (reply.type === 'progress') return onProgress?.(reply.progress);
        if (reply.type === 'notice') return onNotice?.(reply.notice);
        if (reply.type === 'waiting') return onWaiting?.();
        this.#waiting.delete(id);
        if (reply.type === 'done') resolve(reply.value as Tasks[Name]['gives']);
        else if (reply.type === 'failed') reject(new TaskError(reply.message, reply.hint));
        else reject(signal?.reason);
      });
    });
    worker.postMessage({ id, task, input });
    return answer;
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const worker = startWorker('models-worker.js', 'models');
    worker.addEventListener('message', ({ data }: MessageEvent<ModelReply>) =>
      this.#waiting.get(data.id)?.(data),
    );
    worker.addEventListener('error', () => {
      const message = 'The worker that downloads models could not start.';
      for (const [id, hear] of [...this.#waiting])
        hear({ id, type: 'failed', message, hint: 'Reload the page.' });
    });
    this.#worker = worker;
    return worker;
  }
}
