/**
 * Times the ways to compute each operation, on the shapes of the model that will run, and says which are fastest: which
 * one that is depends on the GPU, its driver, and how many rows there are, and no table knows them all.
 */
import type { Dispatch } from '../queue.js';
import type { Stopwatch } from './stopwatch.js';

/** Milliseconds for all that is timed together. */
const BUDGET = 300;

/** Each variant's fastest run counts; a GPU is often slow in the first. */
const ROUNDS = 3;

/** One operation of the model, and what runs in each variant that can serve it. */
export interface TuningTask {
  readonly name: string;
  readonly variants: readonly { readonly name: string; readonly dispatches: readonly Dispatch[] }[];
}

/** By task and by variant, milliseconds; undefined where time ran out before it was run. */
export interface Timing {
  readonly task: string;
  readonly variants: readonly { readonly name: string; readonly milliseconds: number | undefined }[];
}

export interface TimingOptions {
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Rejects with the signal's reason when aborted. */
export async function timeVariants(
  tasks: readonly TuningTask[],
  stopwatch: Pick<Stopwatch, 'time'>,
  { onProgress, signal }: TimingOptions = {},
): Promise<Timing[]> {
  const variants = tasks.flatMap((task) => task.variants);
  const dispatches = variants.flatMap((variant) => variant.dispatches);
  await Promise.all(dispatches.map(({ kernel }) => kernel)); // compiling is not what is timed
  const fastest = new Map<(typeof variants)[number], number>();
  const total = ROUNDS * variants.length;
  const end = performance.now() + BUDGET;
  for (let done = 0; done < total && performance.now() < end; done++) {
    signal?.throwIfAborted();
    onProgress?.(done, total);
    const variant = variants[done % variants.length]!;
    const duration = await stopwatch.time(variant.dispatches);
    fastest.set(variant, Math.min(duration, fastest.get(variant) ?? Number.POSITIVE_INFINITY));
  }
  onProgress?.(total, total);
  return tasks.map((task) => ({
    task: task.name,
    variants: task.variants.map((variant) => ({ name: variant.name, milliseconds: fastest.get(variant) })),
  }));
}

/** The fastest variant of each task of which all were timed, by the task's name. */
export function fastestOf(timings: readonly Timing[]): Record<string, string> {
  const fastest: Record<string, string> = {};
  for (const { task, variants } of timings) {
    const ranked = variants.filter(({ milliseconds }) => milliseconds !== undefined);
    if (ranked.length < variants.length) continue;
    ranked.sort((a, b) => a.milliseconds! - b.milliseconds!);
    if (ranked[0]) fastest[task] = ranked[0].name;
  }
  return fastest;
}
