/** Opens the GPU in the best arithmetic that computes right on it. */
import { mayHaveGpu } from '#platform';
import { ListwiseError } from '../../error.js';
import type { WeightDtype } from '../dtype.js';
import { headsOf, type ModelShape } from '../model-shape.js';
import { FEW_ROWS, MANY_ROWS, selfTest } from '../self-test.js';
import { requestAdapter, supports } from './adapter.js';
import { ARITHMETIC_NAMES, ARITHMETICS, type Arithmetic } from './arithmetic.js';
import { WebGpuDevice } from './device.js';
import { proveTuned } from './tuning/tuned.js';

/** What 16-bit products may be off, relative to the largest value. */
const HALF_TOLERANCE = 5e-3;

/** Rows of a page of keys and values, for the self-test: less than it has, and no whole number of tiles. */
const TORN_ROWS = 90;

export interface WebGpuOptions {
  /** How weights will rest on it. Whoever asks for nothing but f32 gets 32-bit arithmetic. */
  readonly dtypes: readonly WeightDtype[];
  /** The model's, for which it proves itself, and for which it finds out what is fastest. */
  readonly shape: ModelShape | undefined;
  /** Whether to find that out. It is not done for a GPU that the CPU imitates. */
  readonly tune: boolean;
  /** Whether a GPU that the CPU imitates will do. */
  readonly software: boolean;
  /** Hears which arithmetic was passed over, and why. */
  readonly onNotice: (notice: string) => void;
  /** Hears how far the timing has come. */
  readonly onTuning?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Throws `device-unsupported` where there is no GPU, or none that computes right. */
export async function openWebGpu(options: WebGpuOptions): Promise<WebGpuDevice> {
  const { dtypes, software, onNotice } = options;
  if (!software && !(await mayHaveGpu())) {
    throw new ListwiseError('device-unsupported', 'This machine shows no graphics card.');
  }
  const adapter = await requestAdapter();
  if (adapter.isSoftware && !software) {
    throw new ListwiseError('device-unsupported', `${adapter.name} is no GPU but the CPU in disguise.`, {
      hint: 'Name the device to use it all the same.',
    });
  }
  const exact = dtypes.every((dtype) => dtype === 'f32');
  for (const arithmetic of exact ? [] : ARITHMETICS) {
    if (arithmetic === 'f32' || !supports(adapter, arithmetic)) continue;
    try {
      return await openTested(arithmetic, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      const why = error instanceof Error ? error.message : error;
      onNotice(`webgpu with ${ARITHMETIC_NAMES[arithmetic]} was passed over: ${why}`);
    }
  }
  return openTested('f32', options);
}

/** An adapter gives only one device: each attempt asks for its own. */
async function openTested(arithmetic: Arithmetic, options: WebGpuOptions): Promise<WebGpuDevice> {
  const { dtypes, shape, onTuning: onProgress, onNotice, signal } = options;
  const adapter = await requestAdapter();
  const device = await WebGpuDevice.open(adapter, arithmetic);
  const tolerance = arithmetic === 'f32' ? undefined : HALF_TOLERANCE;
  const cache = (rows: number, columns: number) => device.cache(rows, columns, TORN_ROWS);
  /** With few rows and with many, which other kernels may serve. */
  const prove = async () => {
    for (const size of [FEW_ROWS, MANY_ROWS]) {
      await selfTest(device, { dtypes, heads: shape && headsOf(shape), tolerance, size, cache });
    }
  };
  try {
    const [dtype] = dtypes;
    if (options.tune && !adapter.isSoftware && shape && dtype) {
      await proveTuned(device, prove, { adapter, shape, dtype, onProgress, onNotice, signal });
    } else {
      await prove();
    }
    return device;
  } catch (error) {
    await device.dispose();
    throw error;
  }
}
