/** The GPU of this machine, as WebGPU offers it. */
import { requestGpu } from '#platform';
import { ListwiseError } from '../../error.js';
import { ARITHMETIC_NAMES, type Arithmetic, featuresFor } from './arithmetic.js';

export interface Adapter {
  /** For people, as in "nvidia-geforce-rtx-4090", or where that is kept from pages "nvidia lovelace". */
  readonly name: string;
  /** Whether the CPU imitates it. */
  readonly isSoftware: boolean;
  /** Whether the language has the dot product of four bytes. */
  readonly hasDot4: boolean;
  readonly gpu: GPUAdapter;
}

/** Defaults are far below what GPUs allow; what is not asked for is not had. */
const RAISED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
] as const;

/** With it a GPU tells how long a pass took. */
export const TIMESTAMPS: GPUFeatureName = 'timestamp-query';

/** Throws `device-unsupported` where there is no WebGPU or no adapter. An adapter gives one device. */
export async function requestAdapter(): Promise<Adapter> {
  const webgpu = await requestGpu();
  const gpu = await webgpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!gpu) {
    throw new ListwiseError('device-unsupported', 'WebGPU finds no graphics card here.', {
      hint: 'Is its driver installed? The wasm device needs none.',
    });
  }
  const hasDot4 = webgpu.wgslLanguageFeatures?.has('packed_4x8_integer_dot_product') ?? false;
  return {
    name: nameOf(gpu.info),
    isSoftware: gpu.info.isFallbackAdapter,
    hasDot4,
    gpu,
  };
}

/** Deno tells of devices and vendors by their numbers, which are no names. */
export function nameOf({
  device,
  vendor,
  architecture,
  description,
}: Pick<GPUAdapterInfo, 'device' | 'vendor' | 'architecture' | 'description'>): string {
  const words = (...texts: string[]) => texts.filter((text) => !/^\d*$/.test(text)).join(' ');
  return words(device.replace(/-+$/, '')) || words(vendor, architecture) || description || 'unnamed adapter';
}

export function supports({ gpu }: Adapter, arithmetic: Arithmetic): boolean {
  return featuresFor(arithmetic, gpu) !== undefined;
}

/** A device with the limits that the adapter has and the features that the arithmetic needs. */
export async function requestDevice({ gpu, name }: Adapter, arithmetic: Arithmetic): Promise<GPUDevice> {
  const needed = featuresFor(arithmetic, gpu);
  if (!needed) {
    throw new ListwiseError('device-unsupported', `${name} has no ${ARITHMETIC_NAMES[arithmetic]}.`);
  }
  const requiredFeatures = [...needed, ...(gpu.features.has(TIMESTAMPS) ? [TIMESTAMPS] : [])];
  const requiredLimits = Object.fromEntries(RAISED_LIMITS.map((limit) => [limit, gpu.limits[limit]]));
  try {
    return await gpu.requestDevice({ requiredFeatures, requiredLimits });
  } catch (cause) {
    throw new ListwiseError('device-unsupported', `${name} could not be opened: ${cause}`, { cause });
  }
}
