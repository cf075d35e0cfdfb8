/** Opens the GPU in the best arithmetic that computes right on it. */
import { ListwiseError } from '../../error.js';
import type { WeightDtype } from '../dtype.js';
import { type HeadShape, selfTest } from '../self-test.js';
import { requestAdapter, supports } from './adapter.js';
import { ARITHMETIC_NAMES, type Arithmetic } from './arithmetic.js';
import { WebGpuDevice } from './device.js';

/** What 16-bit products may be off, relative to the largest value. */
const HALF_TOLERANCE = 5e-3;

export interface WebGpuOptions {
  /** How weights will rest on it. With f16 among them, tensor cores will do. */
  readonly dtypes: readonly WeightDtype[];
  readonly heads: HeadShape | undefined;
  /** Whether a GPU that the CPU imitates will do. */
  readonly software: boolean;
  /** Hears that tensor cores were passed over, and why. */
  readonly onNotice: (notice: string) => void;
}

/** Throws `device-unsupported` where there is no GPU, or none that computes right. */
export async function openWebGpu(options: WebGpuOptions): Promise<WebGpuDevice> {
  const { dtypes, software, onNotice } = options;
  const adapter = await requestAdapter();
  if (adapter.isSoftware && !software) {
    throw new ListwiseError('device-unsupported', `${adapter.name} is no GPU but the CPU in disguise.`, {
      hint: 'Name the device to use it all the same.',
    });
  }
  if (dtypes.includes('f16') && supports(adapter, 'matrix')) {
    try {
      return await openTested('matrix', options);
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      onNotice(`webgpu with ${ARITHMETIC_NAMES.matrix} was passed over: ${why}`);
    }
  }
  return openTested('f32', options);
}

/** An adapter gives only one device: each attempt asks for its own. */
async function openTested(arithmetic: Arithmetic, { dtypes, heads }: WebGpuOptions): Promise<WebGpuDevice> {
  const device = await WebGpuDevice.open(await requestAdapter(), arithmetic);
  try {
    await selfTest(device, dtypes, heads, arithmetic === 'f32' ? undefined : HALF_TOLERANCE);
    return device;
  } catch (error) {
    await device.dispose();
    throw error;
  }
}
