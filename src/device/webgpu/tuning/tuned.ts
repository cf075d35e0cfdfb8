/** A device that computes in the ways that are fastest on this GPU, as far as they are proved. */
import type { WeightDtype } from '../../dtype.js';
import type { ModelShape } from '../../model-shape.js';
import type { Adapter } from '../adapter.js';
import type { Preferences } from '../choices.js';
import type { WebGpuDevice } from '../device.js';
import { recall, recordKey, remember } from './record.js';
import { fastestOf, type TimingOptions } from './tune.js';

export interface TuningOptions extends TimingOptions {
  readonly adapter: Adapter;
  readonly shape: ModelShape;
  readonly dtype: WeightDtype;
  /** Throws if the device computes wrong as it is set up now. */
  readonly prove: () => Promise<void>;
  readonly onNotice: (notice: string) => void;
}

/**
 * Has the device prefer what was found to be fastest: by an earlier run, or now. What computes wrong is passed over for
 * what is presumed to be fast, which is proved already.
 */
export async function tune(device: WebGpuDevice, options: TuningOptions): Promise<void> {
  const { adapter, shape, dtype, prove, onNotice } = options;
  const key = recordKey(adapter, shape, dtype);
  const known = await recall(key);
  let preferences: Preferences = known ?? fastestOf(await device.timeVariants(shape, dtype, options));
  try {
    device.prefer(preferences);
    await prove();
  } catch (error) {
    options.signal?.throwIfAborted();
    preferences = {};
    device.prefer(preferences);
    const names = Object.values(known ?? {}).join('; ');
    onNotice(`What is fastest on ${adapter.name} computes wrong there${names && ` (${names})`}: ${error}`);
  }
  if (preferences !== known) await remember(key, preferences);
}
