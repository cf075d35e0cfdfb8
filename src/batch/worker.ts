/** Takes lists out of the queue and ranks them, until it is told to stop. */
import { once } from 'node:events';
import { hostname } from 'node:os';
import type { Reranker } from '../reranker/reranker.js';
import { listSchema } from './list.js';
import { ATTEMPTS, isWorthAnotherAttempt, type Outcome, rankOnce } from './outcome.js';
import { queueName } from './queue.js';
import type { Connection } from './redis.js';

/** Short ones are ranked together. With more, a worker would keep lists from others that have nothing to do. */
const LISTS_AT_A_TIME = 4;

/**
 * A list belongs to a worker for as long as it says every few seconds that it lives, which it can: the computing is
 * done on other threads. When a worker dies its lists go to others after about this time.
 */
const LOCK_DURATION = 15_000; // milliseconds
const LOOK_FOR_DEAD_EVERY = 5_000;

/** A list of which workers died more often than this is given up: it may be the reason. */
const MOST_DEATHS = 3;

export interface WorkOptions {
  /** The signal ends the work, but what is being ranked is finished. */
  readonly signal: AbortSignal;
  readonly onAnswer: () => void;
  readonly onNotice: (notice: string) => void;
}

export async function work(
  reranker: Reranker,
  model: string,
  { bullmq, client }: Connection,
  { signal, onAnswer, onNotice }: WorkOptions,
): Promise<void> {
  const worker = new bullmq.Worker<unknown, Outcome>(
    queueName(model),
    (job) => rankJob(reranker, job.data, job.attemptsMade + 1),
    {
      connection: client,
      name: `${hostname()}-${process.pid}`, // who has a list, for those who look into the queue
      concurrency: LISTS_AT_A_TIME,
      lockDuration: LOCK_DURATION,
      stalledInterval: LOOK_FOR_DEAD_EVERY,
      maxStalledCount: MOST_DEATHS,
    },
  );
  worker.on('completed', onAnswer);
  worker.on('stalled', () => onNotice('A worker died; the list that it had is ranked again.'));
  worker.on('error', (error) => {
    const isOfNetwork = 'syscall' in error || !bullmq.isNotConnectionError(error);
    if (!isOfNetwork) onNotice(error.message); // else the connection tells
  });
  if (!signal.aborted) await once(signal, 'abort');
  const isAway = client.status !== 'ready'; // then what is ranked can't be handed in, and others will rank it
  await worker.close(isAway);
}

/** Throws when another attempt, by this worker or another, may succeed. */
async function rankJob(reranker: Reranker, data: unknown, attempt: number): Promise<Outcome> {
  const { data: list, error } = listSchema.safeParse(data);
  if (!list) return { error: { code: 'invalid-input', message: error.message } };
  const outcome = await rankOnce(reranker, list);
  if ('error' in outcome && attempt < ATTEMPTS && isWorthAnotherAttempt(outcome)) {
    throw new Error(outcome.error.message);
  }
  return outcome;
}
