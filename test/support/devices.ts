/** The devices that every contract and golden test runs on. */
import type { Device } from '../../src/device/device.js';
import { ReferenceDevice } from '../../src/device/reference/device.js';
import { WasmDevice } from '../../src/device/wasm/device.js';
import { openWebGpu } from '../../src/device/webgpu/open.js';

export interface TestedDevice {
  readonly name: string;
  readonly open: () => Promise<Device>;
  /** How far its results may be from PyTorch's, as relative L2 over a tensor. */
  readonly tolerance: number;
}

export const TESTED_DEVICES: readonly TestedDevice[] = [
  { name: 'reference', open: async () => new ReferenceDevice(), tolerance: 1e-5 },
  { name: 'wasm, 1 thread', open: () => WasmDevice.open({ threads: 1 }), tolerance: 1e-4 },
  { name: 'wasm, 2 threads', open: () => WasmDevice.open({ threads: 2 }), tolerance: 1e-4 },
  { name: 'wasm, plain SIMD', open: () => WasmDevice.open({ threads: 2, build: 'plain' }), tolerance: 1e-4 },
  { name: 'wasm, calling thread', open: () => WasmDevice.open({ threads: 0 }), tolerance: 1e-4 },
  {
    name: 'webgpu',
    open: () => openWebGpu({ dtypes: ['f32'], software: true, onNotice: () => {} }),
    tolerance: 1e-4,
  },
];
