/** This machine's WebGPU with things going wrong as the tests want them: put in the place of `navigator.gpu`. */
import { vi } from 'vitest';
import { requestGpu } from '../../src/platform/node.js';

export interface Misfortune {
  /** What the adapter claims and the device keeps to. */
  readonly limits?: Readonly<Record<string, number>>;
  /** What the adapter claims to have beside what it has. */
  readonly features?: readonly string[];
  /** What the adapter says of itself otherwise. */
  readonly info?: Readonly<Record<string, unknown>>;
  /** How many buffers there is room for. */
  readonly buffers?: number;
}

/** `device.limits` and its like stand on prototypes: an own property hides them. */
function hide(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, configurable: true });
}

/** From now on, to the end of the test file, rerankers find this GPU. Returns the devices that are given out. */
export async function stubGpu(misfortune: Misfortune = {}): Promise<GPUDevice[]> {
  vi.unstubAllGlobals();
  const gpu = await requestGpu();
  const devices: GPUDevice[] = [];
  const requestAdapter = async () => {
    const adapter = await gpu.requestAdapter();
    if (!adapter) return null;
    const limits = limitsOf(adapter.limits, misfortune.limits);
    return {
      features: new Set([...adapter.features, ...(misfortune.features ?? [])]),
      info: new Proxy(adapter.info, {
        get: (info, name) => misfortune.info?.[name as string] ?? Reflect.get(info, name),
      }),
      limits,
      requestDevice: async (descriptor: GPUDeviceDescriptor) => {
        const device = await adapter.requestDevice(descriptor);
        hide(device, 'limits', limitsOf(device.limits, misfortune.limits));
        if (misfortune.buffers !== undefined) fillMemory(device, misfortune.buffers);
        devices.push(device);
        return device;
      },
    };
  };
  vi.stubGlobal('navigator', {
    gpu: { requestAdapter, wgslLanguageFeatures: gpu.wgslLanguageFeatures },
  });
  return devices;
}

/** No adapter at all. */
export function stubNoGpu(): void {
  vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => null } });
}

function limitsOf(real: GPUSupportedLimits, lower: Misfortune['limits'] = {}): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const name in real) limits[name] = lower[name] ?? (real as unknown as Record<string, number>)[name]!;
  return limits;
}

function fillMemory(device: GPUDevice, room: number): void {
  let buffers = 0;
  const { createBuffer, popErrorScope } = device;
  hide(device, 'createBuffer', (descriptor: GPUBufferDescriptor) => {
    buffers++;
    return createBuffer.call(device, descriptor);
  });
  hide(device, 'popErrorScope', async () => {
    const full = buffers > room;
    const error = await popErrorScope.call(device);
    return full ? { message: 'no memory left' } : error;
  });
}

/** As in a tab in the background: from now on every "work is done" comes late. */
export function delayAnswers({ queue }: GPUDevice, milliseconds: number): void {
  const { onSubmittedWorkDone } = queue;
  hide(queue, 'onSubmittedWorkDone', async () => {
    await onSubmittedWorkDone.call(queue);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  });
}
