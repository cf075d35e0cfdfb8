/** How work is cut into submissions, on a GPU whose time the test keeps. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Kernel } from '../../../../src/device/webgpu/kernels/kernels.js';
import { Life } from '../../../../src/device/webgpu/life.js';
import { Memory } from '../../../../src/device/webgpu/memory/memory.js';
import { type Dispatch, Queue } from '../../../../src/device/webgpu/queue/queue.js';
import { idleAdapter } from '../../../support/idle-gpu.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const SPEED = 2 ** 28; // operations a millisecond
const WORKGROUP = 2 ** 20; // operations

const until = (time: number) => new Promise<void>((resolve) => setTimeout(resolve, time - performance.now()));

/** A GPU that is as fast as that, heard from every so many milliseconds. */
async function openQueue(poll: number) {
  let idleFrom = 0;
  let seen = 0;
  const durations: number[] = [];
  const heard = () => (Math.floor(Math.max(idleFrom, performance.now()) / poll) + 1) * poll;
  const adapter = idleAdapter(() => until(heard()));
  const { calls } = adapter;
  calls.onSubmission = () => {
    const duration = ((calls.workgroups - seen) * WORKGROUP) / SPEED;
    seen = calls.workgroups;
    idleFrom = Math.max(idleFrom, performance.now()) + duration;
    durations.push(duration);
  };
  const device = await adapter.gpu.requestDevice();
  return { queue: new Queue(device, new Life(device), new Memory(device)), calls, durations };
}

function work(workgroups: number): Dispatch {
  const kernel = Promise.resolve({ pipeline: {}, layout: {} } as unknown as Kernel);
  return { kernel, buffers: [], params: [], workgroups, cost: workgroups * WORKGROUP };
}

/** Lets time pass until it is done. */
async function finished(task: Promise<void>): Promise<void> {
  let done = false;
  task.finally(() => {
    done = true;
  });
  while (!done) await vi.advanceTimersByTimeAsync(1);
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;

test.each([1, 100])('submissions grow to their 40 ms where answers are heard every %d ms', async (poll) => {
  const { queue, durations } = await openQueue(poll);
  await finished(queue.idle());
  await finished(queue.run([work(1_000_000)]));
  const full = durations.slice(durations.length / 2);
  expect(mean(full)).toBeGreaterThan(30);
  expect(mean(full)).toBeLessThan(80);
  expect(Math.max(...full)).toBeLessThan(160);
});

test('a GPU that has nothing to do gets what there is, one that is busy gets it with what follows', async () => {
  const { queue, calls } = await openQueue(10);
  await finished(queue.run([work(1)]));
  expect(calls.submissions).toBe(1);
  await queue.run([work(1), work(1)]);
  await queue.run([work(1)]);
  expect(calls.submissions).toBe(1);
  await vi.advanceTimersByTimeAsync(20);
  await queue.run([work(1)]);
  expect(calls).toMatchObject({ submissions: 2, dispatches: 5 });
});

test('work that is aborted stops between two submissions', async () => {
  const { queue, durations } = await openQueue(10);
  const controller = new AbortController();
  const run = queue.run([work(1_000_000)], controller.signal).catch((error) => error);
  await vi.advanceTimersByTimeAsync(100);
  controller.abort();
  await vi.advanceTimersByTimeAsync(100);
  expect(await run).toMatchObject({ name: 'AbortError' });
  expect(mean(durations) * durations.length).toBeLessThan(300);
});
