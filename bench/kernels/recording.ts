/**
 * Which kernels the models run: the models themselves say, on a device that records their passes and runs none. The
 * device asks WebGPU for pipelines as ever, and gets none.
 */
import { readFile } from 'node:fs/promises';
import type { TensorStore } from '../../src/checkpoint/tensors.js';
import type { WeightSource } from '../../src/device/device.js';
import type { WeightDtype } from '../../src/device/dtype.js';
import { requestAdapter } from '../../src/device/webgpu/adapter.js';
import type { Arithmetic } from '../../src/device/webgpu/arithmetic.js';
import { WebGpuDevice } from '../../src/device/webgpu/device.js';
import { parseConfig, type Qwen3Config } from '../../src/model/config.js';
import { KvCache } from '../../src/model/kv-cache.js';
import { Projector } from '../../src/model/projector.js';
import { Qwen3 } from '../../src/model/qwen3.js';

/** A pipeline that was asked for, and how to get it. */
export interface Wanted {
  readonly kernel: string;
  readonly compile: () => Promise<GPUComputePipeline>;
}

/** Layers of each kind: one that attends with every row, and the last. */
const LAYERS = 2;

/** Prompts of few rows, and of more than are worked on at a time. Half of the shorter one is kept for later ones. */
const PROMPTS = [16, 2064]; // tokens

/** jina-reranker-v3's shape, and the embedded model's. */
const CONFIGS = ['../../golden/jina-reranker-v3.config.json', '../../weights/config.json'];

export class Recording {
  readonly #device: WebGpuDevice;
  readonly #wanted: Map<string, Wanted>;

  private constructor(device: WebGpuDevice, wanted: Map<string, Wanted>) {
    this.#device = device;
    this.#wanted = wanted;
  }

  static async open(arithmetic: Arithmetic): Promise<Recording> {
    const adapter = await requestAdapter();
    const wanted = new Map<string, Wanted>();
    interceptPipelines(adapter.gpu, wanted);
    const device = await WebGpuDevice.open(adapter, arithmetic);
    device.read = async ({ rows, columns }) => new Float32Array(rows * columns);
    const recordPass = device.pass.bind(device);
    device.pass = () => Object.assign(recordPass(), { submit: async () => {} });
    return new Recording(device, wanted);
  }

  /** Both models, prompts short and long, and all variants of what they compute. */
  async run(dtype: WeightDtype): Promise<void> {
    for (const path of CONFIGS) {
      const json = JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8'));
      const config = parseConfig({ ...json, num_hidden_layers: LAYERS });
      await this.#runModel(config, dtype);
      const tasks = this.#device.tuningTasks(config, dtype);
      tasks.linear(PROMPTS[0]!);
      tasks.attention(PROMPTS[0]!);
      tasks.free();
    }
  }

  get wanted(): Wanted[] {
    return [...this.#wanted.values()];
  }

  async #runModel(config: Qwen3Config, dtype: WeightDtype): Promise<void> {
    const device = this.#device;
    const zeros = new Zeros(config.hiddenSize / 2);
    const model = await Qwen3.load(device, zeros, config, dtype);
    const projector = await Projector.load(device, zeros, config.hiddenSize);
    for (const tokens of PROMPTS) {
      const keep = new KvCache(device, config, PROMPTS[0]! / 2);
      const ids = new Array<number>(tokens).fill(0);
      await model.run([{ ids, rows: [tokens - 1], keep }], (hidden) => projector.embed(hidden));
      keep.free();
    }
  }
}

/** From now on a device of this adapter keeps what its pipelines would be made of. */
function interceptPipelines(adapter: GPUAdapter, wanted: Map<string, Wanted>): void {
  const requestDevice = adapter.requestDevice.bind(adapter);
  adapter.requestDevice = async (descriptor) => {
    const device = await requestDevice(descriptor);
    const compile = device.createComputePipelineAsync.bind(device);
    device.createComputePipelineAsync = (pipeline) => {
      const kernel = pipeline.label!;
      wanted.set(kernel, { kernel, compile: () => compile(pipeline) });
      return new Promise(() => {}); // nobody waits for it: no pass runs
    };
    return device;
  };
}

/** A checkpoint of any shape whose weights are zeros. */
class Zeros implements TensorStore {
  readonly #projected: number;

  constructor(projected: number) {
    this.#projected = projected;
  }

  shape(): readonly number[] {
    return [this.#projected, this.#projected];
  }

  matrix(name: string, rows: number, columns: number): WeightSource {
    return { name, rows, columns, read: async (_start, _count, into) => void into.fill(0) };
  }

  async vector(_name: string, length: number): Promise<Float32Array> {
    return new Float32Array(length);
  }

  async close(): Promise<void> {}
}
