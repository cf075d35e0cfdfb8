/** How variants are timed: each as often as the others, within a budget, and what is fastest. */
import { expect, test, vi } from 'vitest';
import type { Dispatch } from '../../../../src/device/webgpu/queue/queue.js';
import type { TuningTask } from '../../../../src/device/webgpu/tuning/tasks.js';
import { fastestOf, timeVariants } from '../../../../src/device/webgpu/tuning/tune.js';

/** Dispatches that take so many milliseconds each time they run, by the stopwatch below. */
const durations = new Map<Dispatch, number[]>();

function variant(name: string, ...milliseconds: number[]) {
  const dispatch = { kernel: Promise.resolve() } as unknown as Dispatch;
  durations.set(dispatch, milliseconds);
  return { name, dispatches: [dispatch] };
}

const stopwatch = {
  async time([dispatch]: readonly Dispatch[]): Promise<number> {
    const [next, ...later] = durations.get(dispatch!)!;
    durations.set(dispatch!, later.length > 0 ? later : [next!]);
    return next!;
  },
};

test('the fastest run of each counts, and the fastest variant of each task wins', async () => {
  const tasks: TuningTask[] = [
    { name: 'linear', variants: [variant('a', 9, 3, 4), variant('b', 5, 5, 5)] },
    { name: 'attention', variants: [variant('c', 2, 2, 2), variant('d', 1, 8, 8)] },
  ];
  const progress: number[] = [];
  const timings = await timeVariants(tasks, stopwatch, { onProgress: (done) => progress.push(done) });
  expect(timings[0]).toEqual({
    task: 'linear',
    variants: [
      { name: 'a', milliseconds: 3 },
      { name: 'b', milliseconds: 5 },
    ],
  });
  expect(fastestOf(timings)).toEqual({ linear: 'a', attention: 'd' });
  expect(progress).toEqual([...Array(13).keys()]);
});

test('when the budget is spent the rest is not timed, and its task has no winner', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const slow = {
      time: async () => {
        vi.advanceTimersByTime(200);
        return 200;
      },
    };
    const tasks: TuningTask[] = [
      { name: 'first', variants: [variant('a', 1), variant('b', 1)] },
      { name: 'second', variants: [variant('c', 1), variant('d', 1)] },
    ];
    const timings = await timeVariants(tasks, slow);
    expect(timings[1]!.variants.map(({ milliseconds }) => milliseconds)).toEqual([undefined, undefined]);
    expect(fastestOf(timings)).toEqual({ first: 'a' });
  } finally {
    vi.useRealTimers();
  }
});

test('can be aborted between two runs', async () => {
  const controller = new AbortController();
  const tasks: TuningTask[] = [{ name: 'linear', variants: [variant('a', 1), variant('b', 1)] }];
  const onProgress = (done: number) => {
    if (done === 1) controller.abort();
  };
  const timing = timeVariants(tasks, stopwatch, { onProgress, signal: controller.signal });
  await expect(timing).rejects.toMatchObject({ name: 'AbortError' });
});

test('a variant that does not compile is left out, and the others are timed', async () => {
  const kernel = Promise.reject(new Error('no such instruction'));
  kernel.catch(() => {});
  const broken = { name: 'broken', dispatches: [{ kernel } as unknown as Dispatch] };
  const timings = await timeVariants([{ name: 'linear', variants: [broken, variant('a', 1)] }], stopwatch);
  expect(timings).toEqual([{ task: 'linear', variants: [{ name: 'a', milliseconds: 1 }] }]);
});
