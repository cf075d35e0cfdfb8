/** Compiles kernels, each once, without waiting: those that a pass needs compile at the same time. */
import { ListwiseError } from '../../../error.js';
import { SUBGROUP_SIZES } from '../arithmetic.js';
import {
  type Constants,
  composeShader,
  type ShaderName,
  storageAccess,
  withoutSubgroupSize,
} from './shaders.js';

/** Bytes of a kernel's parameters at most. */
export const PARAMS_BYTES = 64;

export interface Kernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

export class Kernels {
  readonly #device: GPUDevice;
  readonly #compiled = new Map<string, Promise<Kernel>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Binding 0 holds the parameters, the others what the shader declares. */
  kernel(shaders: readonly ShaderName[], constants: Constants = {}): Promise<Kernel> {
    const key = JSON.stringify([shaders, constants]);
    let kernel = this.#compiled.get(key);
    if (!kernel) {
      const text = composeShader(shaders, constants);
      const code = this.#device.features.has(SUBGROUP_SIZES) ? text : withoutSubgroupSize(text);
      kernel = this.#compile(nameOf(shaders, constants), code);
      kernel.catch(() => {}); // who runs it hears of it
      this.#compiled.set(key, kernel);
    }
    return kernel;
  }

  async #compile(label: string, code: string): Promise<Kernel> {
    const device = this.#device;
    const visibility = GPU_SHADER_STAGE_COMPUTE;
    const params: GPUBindGroupLayoutEntry = {
      binding: 0,
      visibility,
      buffer: { type: 'uniform', hasDynamicOffset: true, minBindingSize: PARAMS_BYTES },
    };
    const storage = storageAccess(code).map((type, i) => ({ binding: i + 1, visibility, buffer: { type } }));
    const layout = device.createBindGroupLayout({ label, entries: [params, ...storage] });
    device.pushErrorScope('validation'); // what is wrong is said below, with the source's lines
    const module = device.createShaderModule({ label, code });
    device.popErrorScope().catch(() => {});
    try {
      const pipeline = await device.createComputePipelineAsync({
        label,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main' },
      });
      return { pipeline, layout };
    } catch (cause) {
      const details = await explain(module, code);
      const message = `The kernel ${label} does not compile here${details || `: ${messageOf(cause)}`}.`;
      throw new ListwiseError('device-unsupported', message, { cause });
    }
  }
}

/** As in "cache-f16 + rotary, HEAD_DIM 128". */
function nameOf(shaders: readonly ShaderName[], constants: Constants): string {
  const values = Object.entries(constants).map(([name, value]) => `${name} ${value}`);
  return [shaders.join(' + '), ...values].join(', ');
}

/** GPUShaderStage.COMPUTE; Node has no such global. */
const GPU_SHADER_STAGE_COMPUTE = 4;

/** The compiler's messages, each with the line it speaks of. */
async function explain(module: GPUShaderModule, code: string): Promise<string> {
  const { messages } = await module.getCompilationInfo();
  const lines = code.split('\n');
  return messages
    .filter(({ type }) => type === 'error')
    .map(({ lineNum, message }) => `\n  ${lineNum}: ${lines[lineNum - 1]?.trim()}\n  ${message}`)
    .join('');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
