/** A device that computes in the ways that are fastest on this GPU, as far as they are proved. */
import type { WeightDtype } from '../../dtype.js';
import type { ModelShape } from '../../model-shape.js';
import type { Adapter } from '../adapter.js';
import type { WebGpuDevice } from '../device.js';
import type { Preferences } from '../operations/choices.js';
import { recall, recordKey, remember } from './record.js';
import { byTime, type Timing, type TimingOptions } from './tune.js';

export interface TuningOptions extends TimingOptions {
  readonly adapter: Adapter;
  readonly shape: ModelShape;
  readonly dtype: WeightDtype;
  /** Hears why a GPU could not be timed. */
  readonly onNotice: (notice: string) => void;
}

/** Throws if the device computes wrong as it is set up at the moment. */
export type Proof = () => Promise<void>;

/**
 * Proves the device, in the variants that an earlier run found to be fastest; or else in those that are presumed to be,
 * after which all are timed. Throws what `prove` throws, and the signal's reason when aborted.
 */
export async function proveTuned(
  device: Pick<WebGpuDevice, 'prefer' | 'timeVariants'>,
  prove: Proof,
  options: TuningOptions,
): Promise<void> {
  const { adapter, shape, dtype, signal } = options;
  const key = recordKey(adapter, shape, dtype);
  const known = await recall(key);
  if (known) {
    device.prefer(known);
    if (await holds(prove, signal)) return;
    device.prefer({});
  }
  await prove();
  let timings: Timing[];
  try {
    timings = await device.timeVariants(shape, dtype, options);
  } catch (error) {
    signal?.throwIfAborted();
    const why = error instanceof Error ? error.message : error;
    options.onNotice(
      `${adapter.name} computes in what is presumed to be fast, since it could not be timed: ${why}`,
    );
    return;
  }
  await remember(key, await preferProved(device, timings, prove, signal));
}

/** Has the device prefer of each task the fastest variant that computes right, and says which those are. */
async function preferProved(
  device: Pick<WebGpuDevice, 'prefer'>,
  timings: readonly Timing[],
  prove: Proof,
  signal: AbortSignal | undefined,
): Promise<Preferences> {
  const proved: Record<string, string> = {};
  for (const { task, variants } of timings) {
    for (const name of byTime(variants)) {
      device.prefer({ ...proved, [task]: name });
      if (!(await holds(prove, signal))) continue;
      proved[task] = name;
      break;
    }
  }
  device.prefer(proved);
  return proved;
}

async function holds(prove: Proof, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await prove();
    return true;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}
