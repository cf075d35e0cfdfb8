/** The devices that every contract and golden test runs on. */
import { vi } from 'vitest';
import type { Device } from '../../src/device/device.js';
import { ReferenceDevice } from '../../src/device/reference/device.js';
import { WasmDevice } from '../../src/device/wasm/device.js';
import { requestAdapter, supports } from '../../src/device/webgpu/adapter.js';
import type { Arithmetic } from '../../src/device/webgpu/arithmetic.js';
import { WebGpuDevice } from '../../src/device/webgpu/device.js';
import { linearTask } from '../../src/device/webgpu/operations/choices.js';
import { withNansBehind } from './nans-behind.js';

export interface TestedDevice {
  readonly name: string;
  readonly open: () => Promise<Device>;
  /** How far its results may be from PyTorch's, as relative L2 over a tensor. */
  readonly tolerance: number;
  /** How far an operation in 16-bit arithmetic may be from the reference's; 0 where there is none. */
  readonly slack: number;
  /** Whether it multiplies what q8 and q4 stand for with activations as they are, not quantised ones. */
  readonly dequantizes?: boolean;
}

const exact = { tolerance: 1e-4, slack: 0 };

/** `LISTWISE_TEST_GPU_CHECKS=on`: Dawn checks every access to memory, as in a page. */
if (process.env.LISTWISE_TEST_GPU_CHECKS === 'on') {
  const { create } = await import('webgpu');
  vi.stubGlobal('navigator', { gpu: create(['enable-dawn-features=allow_unsafe_apis']) });
}

export const TESTED_DEVICES: readonly TestedDevice[] = [
  { name: 'reference', open: async () => new ReferenceDevice(), tolerance: 1e-5, slack: 0 },
  { name: 'wasm, 1 thread', open: () => WasmDevice.open({ threads: 1 }), ...exact },
  { name: 'wasm, 2 threads', open: () => WasmDevice.open({ threads: 2 }), ...exact },
  { name: 'wasm, plain SIMD', open: () => WasmDevice.open({ threads: 2, build: 'plain' }), ...exact },
  { name: 'wasm, calling thread', open: () => WasmDevice.open({ threads: 0 }), ...exact },
  ...(await wideDevices()),
  ...(await webgpuDevices()),
];

/** The build in 256 bits, where this engine has it. */
async function wideDevices(): Promise<TestedDevice[]> {
  const open = () => WasmDevice.open({ threads: 2, build: 'wide' });
  const device = await open().catch(() => undefined);
  await device?.dispose();
  return device ? [{ name: 'wasm, 256 bits', open, ...exact }] : [];
}

const SIXTEEN_BITS = { [linearTask('f16', 1)]: '16-bit', [linearTask('f16', 1000)]: '16-bit' };

/** WebGPU in every arithmetic that the adapter has; nothing where there is no adapter. */
async function webgpuDevices(): Promise<TestedDevice[]> {
  const adapter = await requestAdapter().catch(() => undefined);
  if (!adapter) return [];
  const device = (arithmetic: Arithmetic) => async () => {
    const opened = await WebGpuDevice.open(withNansBehind(await requestAdapter()), arithmetic);
    if (arithmetic === 'f16') opened.prefer(SIXTEEN_BITS); // it presumes that 32 bits are faster
    return opened;
  };
  const half = (arithmetic: Arithmetic, name: string) =>
    supports(adapter, arithmetic) ? [{ name, open: device(arithmetic), tolerance: 1e-2, slack: 2e-3 }] : [];
  return [
    { name: 'webgpu', open: device('f32'), ...exact },
    ...half('f16', 'webgpu, 16-bit arithmetic'),
    ...half('matrix', 'webgpu, tensor cores').map((device) => ({ ...device, dequantizes: true })),
  ];
}
