/** What is measured on. */
import { execFile } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { promisify } from 'node:util';
import type { Adapter } from '../../src/device/webgpu/adapter.js';
import type { Arithmetic } from '../../src/device/webgpu/arithmetic.js';
import { supportedArithmetics } from './settings.js';

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
] as const;

export interface Machine {
  readonly adapter: string;
  /** As the Vulkan driver describes itself. */
  readonly driver: string;
  /** By nvidia-smi: name, driver's version, memory, limit of power. */
  readonly card?: string | undefined;
  readonly processor: string;
  readonly node: string;
  readonly arithmetics: readonly Arithmetic[];
  readonly limits: Readonly<Record<string, number>>;
  readonly features: readonly string[];
  readonly subgroupSizes: readonly [number, number];
  readonly subgroupMatrices: readonly object[];
}

/** What TypeScript does not know yet of the experimental feature. */
interface MatrixInfo {
  readonly subgroupMatrixConfigs?: readonly object[];
}

export async function describeMachine(adapter: Adapter): Promise<Machine> {
  const { gpu, name } = adapter;
  const info: GPUAdapterInfo & MatrixInfo = gpu.info;
  return {
    adapter: name,
    driver: info.description,
    card: await card(),
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores`,
    node: process.versions.node,
    arithmetics: supportedArithmetics(adapter),
    limits: Object.fromEntries(LIMITS.map((limit) => [limit, gpu.limits[limit]])),
    features: [...gpu.features].sort(),
    subgroupSizes: [info.subgroupMinSize, info.subgroupMaxSize],
    subgroupMatrices: [...(info.subgroupMatrixConfigs ?? [])].map(plain),
  };
}

/** Dawn's own objects have their values behind getters. */
function plain(config: object): object {
  const names = Object.keys(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(config)));
  const keys = [...new Set([...Object.keys(config), ...names])].filter((key) => key !== 'constructor');
  return Object.fromEntries(keys.map((key) => [key, (config as Record<string, unknown>)[key]]));
}

async function card(): Promise<string | undefined> {
  const query = '--query-gpu=name,driver_version,memory.total,power.limit';
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', ['--id=0', query, '--format=csv,noheader']);
    return stdout.trim();
  } catch {
    return undefined; // no NVIDIA card, or its tools are not installed
  }
}
