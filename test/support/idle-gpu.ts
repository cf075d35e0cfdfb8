/** A GPU that takes everything and computes nothing: what is left is the host's own work. */

import type { Adapter } from '../../src/device/webgpu/adapter.js';
import { requestGpu } from '../../src/platform/node.js';

/** Counts what is called. */
export class Calls {
  /** With a dispatch in them. */
  submissions = 0;
  dispatches = 0;
  workgroups = 0;
  bindGroups = 0;
  onSubmission: () => void = () => {};
  #submitted = 0;

  submit(): void {
    if (this.dispatches === this.#submitted) return;
    this.#submitted = this.dispatches;
    this.submissions++;
    this.onSubmission();
  }
}

export interface CountedAdapter extends Adapter {
  readonly calls: Calls;
}

/** What a GPU with matrix units says of itself. */
export const MATRIX_UNITS = {
  features: ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'],
  info: {
    subgroupMinSize: 32,
    subgroupMaxSize: 32,
    subgroupMatrixConfigs: [{ componentType: 'f16', resultComponentType: 'f32', M: 16, N: 16, K: 16 }],
  },
} as const;

/** Without any GPU. `answer` resolves when the host hears of a submission's end; at once by default. */
export function idleAdapter(
  answer: () => Promise<void> = async () => {},
  { features, info }: { features: readonly string[]; info: object } = { features: [], info: {} },
): CountedAdapter {
  const calls = new Calls();
  const gpu = {
    features: new Set(features),
    info,
    limits: LIMITS,
    requestDevice: async () => idleDevice(calls, answer),
  };
  return {
    name: 'a GPU that does nothing',
    isSoftware: false,
    hasDot4: true,
    gpu: gpu as unknown as GPUAdapter,
    calls,
  };
}

/** This machine's, whose dispatches have no workgroups: the calls cost what they cost. */
export async function emptiedAdapter(): Promise<CountedAdapter> {
  const gpu = await (await requestGpu()).requestAdapter();
  if (!gpu) throw new Error('WebGPU finds no GPU here.');
  const calls = new Calls();
  const requestDevice = async (descriptor: GPUDeviceDescriptor) => {
    const device = await gpu.requestDevice(descriptor);
    emptyDispatches(device, calls);
    return device;
  };
  const emptied = { features: gpu.features, info: gpu.info, limits: gpu.limits, requestDevice };
  return {
    name: `${gpu.info.device || gpu.info.architecture}, empty dispatches`,
    isSoftware: gpu.info.isFallbackAdapter,
    hasDot4: false,
    gpu: emptied as unknown as GPUAdapter,
    calls,
  };
}

const LIMITS: Readonly<Record<string, number>> = {
  maxBufferSize: 2 ** 32,
  maxStorageBufferBindingSize: 2 ** 32,
  maxComputeWorkgroupStorageSize: 32_768,
  maxComputeInvocationsPerWorkgroup: 1024,
  maxComputeWorkgroupSizeX: 1024,
};

function idleDevice(calls: Calls, answer: () => Promise<void>): GPUDevice {
  const nothing = () => {};
  const object = () => ({});
  const pass = {
    setPipeline: nothing,
    setBindGroup: nothing,
    dispatchWorkgroups: (workgroups: number) => {
      calls.dispatches++;
      calls.workgroups += workgroups;
    },
    end: nothing,
  };
  const encoder = {
    beginComputePass: () => pass,
    copyBufferToBuffer: nothing,
    clearBuffer: nothing,
    finish: object,
  };
  const device = {
    limits: LIMITS,
    features: new Set(),
    lost: new Promise(nothing),
    addEventListener: nothing,
    pushErrorScope: nothing,
    popErrorScope: async () => null,
    createBuffer: ({ label, size }: GPUBufferDescriptor) => ({
      label,
      size,
      destroy: nothing,
      mapAsync: async () => {},
      getMappedRange: (start: number, bytes: number) => new ArrayBuffer(bytes - start),
    }),
    createBindGroupLayout: object,
    createPipelineLayout: object,
    createShaderModule: object,
    createComputePipelineAsync: async () => ({}),
    createBindGroup: () => {
      calls.bindGroups++;
      return {};
    },
    createCommandEncoder: () => encoder,
    destroy: nothing,
    queue: {
      writeBuffer: nothing,
      submit: () => calls.submit(),
      onSubmittedWorkDone: answer,
    },
  };
  return device as unknown as GPUDevice;
}

/** Methods stand on prototypes: an own property hides them. */
function emptyDispatches(device: GPUDevice, calls: Calls): void {
  const { createCommandEncoder, createBindGroup, queue } = device;
  const { submit } = queue;
  device.createBindGroup = (descriptor) => {
    calls.bindGroups++;
    return createBindGroup.call(device, descriptor);
  };
  device.createCommandEncoder = () => {
    const encoder = createCommandEncoder.call(device);
    const { beginComputePass } = encoder;
    encoder.beginComputePass = () => {
      const pass = beginComputePass.call(encoder);
      const { dispatchWorkgroups } = pass;
      pass.dispatchWorkgroups = (workgroups) => {
        calls.dispatches++;
        calls.workgroups += workgroups;
        dispatchWorkgroups.call(pass, 0);
      };
      return pass;
    };
    return encoder;
  };
  queue.submit = (commands) => {
    submit.call(queue, commands);
    calls.submit();
  };
}
