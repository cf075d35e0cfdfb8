/** What those who give lists and those who rank them agree on: a queue of BullMQ for each model. */
import type { JobsOptions, Queue } from 'bullmq';
import type { List } from './list.js';
import { ATTEMPTS, type Outcome } from './outcome.js';

export type ListQueue = Queue<List, Outcome>;

/** A worker waits in the queue of its model, so that no other answers. */
export function queueName(model: string): string {
  return `listwise-${model.replaceAll(':', '_')}`; // BullMQ's keys have the colons
}

export const JOB_NAME = 'list';

/** For outcomes that nobody asks for any more: a batch that was given up. */
const UNCLAIMED = { age: 7 * 24 * 3600 }; // seconds

/** A job that is there already, with this id, is left as it is, even when it is done. */
export function jobOptions(key: string): JobsOptions {
  return {
    jobId: key,
    attempts: ATTEMPTS,
    backoff: { type: 'exponential', delay: 1_000 },
    removeOnComplete: UNCLAIMED,
    removeOnFail: UNCLAIMED,
  };
}
