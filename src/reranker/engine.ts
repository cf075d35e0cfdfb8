/** A model on a device: what a lost GPU takes away, and a checkpoint gives back. */
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { type DeviceOptions, openDevice } from '../device/choose.js';
import type { Device, DeviceKind } from '../device/device.js';
import type { WeightDtype } from '../device/dtype.js';
import { ListwiseError } from '../error.js';
import type { Qwen3Config } from '../model/config.js';
import { KvCache } from '../model/kv-cache.js';
import { Qwen3 } from '../model/qwen3.js';
import type { RunOptions } from '../model/run.js';
import { offsetsOf, type Sequence } from '../model/sequences.js';
import { dtypesOf } from '../model/weights.js';
import type { Progress } from './options.js';
import { Prefix } from './prefix.js';
import type { Protocol, Readout } from './protocols/protocol.js';

export interface EngineOptions extends Omit<DeviceOptions, 'dtypes' | 'shape' | 'onTuning'> {
  /** The best there is by default. */
  readonly device?: DeviceKind | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface EmbedOptions extends RunOptions {
  /** What the prompt continues: what no token is run for. The engine's own by default. */
  readonly prefix?: Prefix | undefined;
  /** How many of the prompt's first tokens to hold, beyond the prefix, for prompts that begin alike; 0 for none. */
  readonly keep?: number | undefined;
}

export interface EmbeddedPrompt {
  readonly ids: readonly number[];
  /** Places in `ids` whose embeddings are wanted. */
  readonly positions: readonly number[];
}

export interface Embedded {
  /** One for each of the positions asked for. */
  readonly embeddings: Float32Array[];
  /** The caller frees it. */
  readonly kept: Prefix | undefined;
}

export class Engine {
  readonly device: Device;
  readonly config: Qwen3Config;
  /** What every prompt begins with. */
  readonly #head: Prefix | undefined;
  readonly #dtype: WeightDtype;
  readonly #model: Model;

  private constructor(device: Device, dtype: WeightDtype, model: Model, head: Prefix | undefined) {
    this.device = device;
    this.config = model.backbone.config;
    this.#head = head;
    this.#dtype = dtype;
    this.#model = model;
  }

  /**
   * Opens a device, brings the weights there and runs the protocol's head, the tokens that every prompt begins with: for
   * it all kernels are compiled, and its keys and values are held. Without a head one token is run.
   */
  static async load(
    checkpoint: Checkpoint,
    config: Qwen3Config,
    dtype: WeightDtype,
    protocol: Protocol,
    options: EngineOptions,
  ): Promise<Engine> {
    const onTuning = (done: number, total: number) => options.onProgress?.({ phase: 'tune', done, total });
    const dtypes = dtypesOf(config.layers, dtype);
    const device = await openDevice(options.device, { ...options, dtypes, shape: config, onTuning });
    try {
      const backbone = await Qwen3.load(device, checkpoint.tensors, config, dtype, (done) => {
        options.signal?.throwIfAborted();
        options.onProgress?.({ phase: 'load', done, total: config.layers });
      });
      const readout = await protocol.loadReadout(device, checkpoint.tensors, config);
      const model = { backbone, readout };
      const { head } = protocol;
      const keep = head.length > 0 ? new KvCache(device, config, head.length) : undefined;
      await run(model, [{ ids: keep ? head : [0], rows: [0], keep }], { signal: options.signal });
      return new Engine(device, dtype, model, keep && new Prefix(head, keep));
    } catch (error) {
      await device.dispose();
      throw error;
    }
  }

  /** What there is of a prompt without running it: the prefix given if the prompt continues it, or the head. */
  held(ids: readonly number[], prefix?: Prefix): Prefix | undefined {
    return [prefix, this.#head].find((each) => each?.begins(ids));
  }

  /** Runs a prompt and embeds what stands at `positions`, none of which is in the prefix. */
  async embed(
    ids: readonly number[],
    positions: readonly number[],
    { prefix = this.held(ids), keep = 0, ...options }: EmbedOptions = {},
  ): Promise<Embedded> {
    const kept = keep > (prefix?.ids.length ?? 0) ? new KvCache(this.device, this.config, keep) : undefined;
    try {
      const sequence = sequenceOf({ ids, positions }, prefix, kept);
      const embeddings = this.#checked(await run(this.#model, [sequence], options));
      return { embeddings, kept: kept && new Prefix(ids.slice(0, keep), kept) };
    } catch (error) {
      kept?.free();
      throw error;
    }
  }

  /**
   * Runs several prompts in one pass and embeds what stands at the positions of each. Those that continue the prefix
   * given go on from there, the others from the engine's own.
   */
  async embedTogether(
    prompts: readonly EmbeddedPrompt[],
    options: RunOptions,
    prefix?: Prefix,
  ): Promise<Float32Array[][]> {
    const sequences = prompts.map((prompt) => sequenceOf(prompt, this.held(prompt.ids, prefix)));
    const embeddings = this.#checked(await run(this.#model, sequences, options));
    const first = offsetsOf(prompts.map(({ positions }) => positions.length));
    return prompts.map(({ positions }, i) => embeddings.slice(first[i]!, first[i]! + positions.length));
  }

  /** Runs a prompt from its first token on, so that an observer sees all of it. */
  async watch({ ids, positions }: EmbeddedPrompt, options: RunOptions): Promise<Float32Array[]> {
    return this.#checked(await run(this.#model, [{ ids, rows: positions }], options));
  }

  /** What final norm and readout make of a residual stream [rows, hidden]. */
  finish(stream: Float32Array): Promise<Float32Array[]> {
    const { backbone, readout } = this.#model;
    return backbone.finish(stream, (hiddenStates) => readout.embed(hiddenStates));
  }

  /** What the final norm makes of it: [rows, hidden]. */
  normalise(stream: Float32Array): Promise<Float32Array> {
    return this.#model.backbone.finish(stream, (hiddenStates) => this.device.read(hiddenStates));
  }

  #checked(embeddings: Float32Array[]): Float32Array[] {
    if (embeddings.every((embedding) => embedding.every(Number.isFinite))) return embeddings;
    throw this.#overflow();
  }

  #overflow(): ListwiseError {
    const message = `The model's numbers left the range of its arithmetic (${this.device.description}).`;
    const hint = this.#dtype === 'f16' ? 'Load it with dtype bf16 or f32.' : 'Its checkpoint may be damaged.';
    return new ListwiseError('device-failed', message, { hint });
  }
}

interface Model {
  readonly backbone: Qwen3;
  readonly readout: Readout;
}

/** What of a prompt is to be run. */
function sequenceOf(
  { ids, positions }: EmbeddedPrompt,
  prefix: Prefix | undefined,
  keep?: KvCache,
): Sequence {
  const start = prefix?.ids.length ?? 0;
  const rows = positions.map((position) => position - start);
  return { ids: ids.slice(start), rows, prefix: prefix?.cache, keep };
}

/** The hidden states stay on the device: only embeddings are read back. */
function run(
  { backbone, readout }: Model,
  sequences: readonly Sequence[],
  options: RunOptions,
): Promise<Float32Array[]> {
  return backbone.run(sequences, (hiddenStates) => readout.embed(hiddenStates), options);
}
