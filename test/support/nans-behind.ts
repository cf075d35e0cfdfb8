/**
 * A GPU on which nobody reads past a buffer's end unnoticed: whatever lies there is NaN. In Node Dawn checks no bounds
 * for our kernels, so this is what proves that they keep to theirs.
 */
import type { Adapter } from '../../src/device/webgpu/adapter.js';
import { USAGE } from '../../src/device/webgpu/memory/memory.js';

/** As far as a kernel that lost count of a tile would read. */
const BEHIND = 1 << 16; // bytes

/** The adapter, whose device makes every buffer longer than it says. */
export function withNansBehind(adapter: Adapter): Adapter {
  const { gpu } = adapter;
  return {
    ...adapter,
    gpu: {
      features: gpu.features,
      info: gpu.info,
      limits: gpu.limits,
      requestDevice: async (descriptor: GPUDeviceDescriptor) => {
        const device = await gpu.requestDevice(descriptor);
        lengthenBuffers(device);
        return device;
      },
    } as GPUAdapter,
  };
}

function lengthenBuffers(device: GPUDevice): void {
  const { createBuffer } = device;
  const nans = new Float32Array(BEHIND / 4).fill(Number.NaN);
  device.createBuffer = (descriptor) => {
    const { size, usage } = descriptor;
    if (!(usage & USAGE.storage)) return createBuffer.call(device, descriptor);
    const longer = { ...descriptor, size: size + BEHIND, usage: usage | USAGE.copyTarget };
    const buffer = createBuffer.call(device, longer);
    Object.defineProperty(buffer, 'size', { value: size });
    device.queue.writeBuffer(buffer, size, nans);
    return buffer;
  };
}
