/** A model on a device: what a lost GPU takes away, and a checkpoint gives back. */
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { type DeviceOptions, openDevice } from '../device/choose.js';
import type { Device, DeviceKind } from '../device/device.js';
import type { WeightDtype } from '../device/dtype.js';
import { ListwiseError } from '../error.js';
import type { Qwen3Config } from '../model/config.js';
import { Projector } from '../model/projector.js';
import { Qwen3 } from '../model/qwen3.js';
import type { RunOptions } from '../model/run.js';
import type { Progress } from './options.js';
import { type Prompt, promptLength } from './prompt.js';
import type { BlockEmbeddings } from './ranking.js';

export interface EngineOptions extends Omit<DeviceOptions, 'dtypes' | 'heads'> {
  /** The best there is by default. */
  readonly device?: DeviceKind | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class Engine {
  readonly device: Device;
  readonly #dtype: WeightDtype;
  readonly #backbone: Qwen3;
  readonly #projector: Projector;

  private constructor(device: Device, dtype: WeightDtype, backbone: Qwen3, projector: Projector) {
    this.device = device;
    this.#dtype = dtype;
    this.#backbone = backbone;
    this.#projector = projector;
  }

  /** Opens a device, brings the weights there and runs one token, for which all kernels are compiled. */
  static async load(
    checkpoint: Checkpoint,
    config: Qwen3Config,
    dtype: WeightDtype,
    options: EngineOptions,
  ): Promise<Engine> {
    const heads = { headDim: config.headDim, group: config.heads / config.kvHeads };
    const device = await openDevice(options.device, { ...options, dtypes: [dtype], heads });
    try {
      const backbone = await Qwen3.load(device, checkpoint.tensors, config, dtype, (done) => {
        options.signal?.throwIfAborted();
        options.onProgress?.({ phase: 'load', done, total: config.layers });
      });
      const projector = await Projector.load(device, checkpoint.tensors, config.hiddenSize);
      const engine = new Engine(device, dtype, backbone, projector);
      await engine.#embedRows([0], [0], { signal: options.signal });
      return engine;
    } catch (error) {
      await device.dispose();
      throw error;
    }
  }

  /** Runs one prompt up to its last marker and embeds what stands at the markers. */
  async embed(prompt: Prompt, options: RunOptions): Promise<BlockEmbeddings> {
    const rows = [...prompt.documentPositions, prompt.queryPosition];
    const ids = prompt.ids.slice(0, promptLength(prompt));
    const embeddings = await this.#embedRows(ids, rows, options);
    if (embeddings.some((embedding) => !embedding.every(Number.isFinite))) throw this.#overflow();
    return { documents: embeddings.slice(0, -1), query: embeddings.at(-1)! };
  }

  /** The hidden states stay on the device: only embeddings are read back. */
  #embedRows(ids: readonly number[], rows: readonly number[], options: RunOptions): Promise<Float32Array[]> {
    return this.#backbone.run(ids, rows, (hiddenStates) => this.#projector.embed(hiddenStates), options);
  }

  #overflow(): ListwiseError {
    const message = `The model's numbers left the range of its arithmetic (${this.device.description}).`;
    const hint = this.#dtype === 'f16' ? 'Load it with dtype bf16 or f32.' : 'Its checkpoint may be damaged.';
    return new ListwiseError('device-failed', message, { hint });
  }
}
