/**
 * Times the ways to compute each operation, on the shapes of the model that will run, and says which are fastest: which
 * one that is depends on the GPU, its driver, and how many rows there are, and no table knows them all.
 */
import type { Stopwatch } from './stopwatch.js';
import type { RecordedVariant, TuningTask, TuningTasks } from './tasks.js';

/** Milliseconds for all that is timed together. */
const BUDGET = 300;

/** Each variant's fastest run counts; a GPU is often slow in the first. */
const ROUNDS = 3;

/** By task and by variant that compiles, milliseconds; undefined where time ran out before it was run. */
export interface Timing {
  readonly task: string;
  readonly variants: readonly { readonly name: string; readonly milliseconds: number | undefined }[];
}

export interface TimingOptions {
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Few rows, of a short request or of the last layer. */
const FEW_ROWS = 64;
/** As many rows as a run takes at a time, or fewer on a slow GPU. */
const MOST_ROWS = 2048;
const LEAST_ROWS = 256;

/** Milliseconds that one run of many rows should take. */
const RUN = 10;

/** Times a model's operations in all variants, and frees what they work on. Rejects with the signal's reason when aborted. */
export async function timeModel(
  tasks: TuningTasks,
  stopwatch: Pick<Stopwatch, 'time'>,
  options: TimingOptions,
): Promise<Timing[]> {
  try {
    const few = tasks.linear(FEW_ROWS);
    const presumed = few.variants[0]!;
    await stopwatch.time(presumed.dispatches); // the first is slow
    const rows = (FEW_ROWS * RUN) / (await stopwatch.time(presumed.dispatches));
    const many = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(rows / LEAST_ROWS) * LEAST_ROWS));
    const all = [tasks.linear(many), tasks.attention(many), few];
    return await timeVariants(all, stopwatch, options);
  } finally {
    tasks.free();
  }
}

/** Rejects with the signal's reason when aborted. */
export async function timeVariants(
  tasks: readonly TuningTask[],
  stopwatch: Pick<Stopwatch, 'time'>,
  { onProgress, signal }: TimingOptions = {},
): Promise<Timing[]> {
  const variants = await compiled(tasks.flatMap((task) => task.variants));
  const fastest = new Map<RecordedVariant, number>();
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
    variants: task.variants
      .filter((variant) => variants.includes(variant))
      .map((variant) => ({ name: variant.name, milliseconds: fastest.get(variant) })),
  }));
}

/** Those whose kernels compile here. Compiling is not what is timed. */
async function compiled(variants: readonly RecordedVariant[]): Promise<RecordedVariant[]> {
  const outcomes = await Promise.allSettled(
    variants.map(({ dispatches }) => Promise.all(dispatches.map(({ kernel }) => kernel))),
  );
  return variants.filter((_, i) => outcomes[i]!.status === 'fulfilled');
}

/** Their names, the fastest first; none where not all were timed. */
export function byTime(variants: Timing['variants']): string[] {
  if (variants.some(({ milliseconds }) => milliseconds === undefined)) return [];
  return [...variants].sort((a, b) => a.milliseconds! - b.milliseconds!).map(({ name }) => name);
}

/** The fastest variant of each task, by the task's name. */
export function fastestOf(timings: readonly Timing[]): Record<string, string> {
  const fastest: Record<string, string> = {};
  for (const { task, variants } of timings) {
    const [name] = byTime(variants);
    if (name !== undefined) fastest[task] = name;
  }
  return fastest;
}
