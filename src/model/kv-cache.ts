/**
 * The keys and values that later tokens attend to.
 *
 * A cache that is kept has memory for every layer and lets a prefix be computed once: run the prefix, run what
 * follows it, `truncate` to the prefix's length, run what follows next. One that is not kept serves a single
 * forward pass: because the model finishes a layer for all tokens before it begins the next, one layer's memory
 * serves them all.
 */
import type { Device, Tensor } from '../device/device.js';
import { ListwiseError } from '../error.js';
import type { Qwen3Config } from './config.js';

export class KvCache {
  /** In tokens. */
  readonly capacity: number;
  readonly #layers: readonly Tensor[]; // one for each layer, or one for all: [capacity, 2·kvHeads·headDim]
  readonly #kept: boolean;
  #length = 0;

  constructor(device: Device, config: Qwen3Config, capacity: number, options: { kept: boolean }) {
    this.capacity = capacity;
    this.#kept = options.kept;
    const layers: Tensor[] = [];
    this.#layers = layers;
    try {
      while (layers.length < (options.kept ? config.layers : 1)) {
        layers.push(device.cache(capacity, 2 * config.kvHeads * config.headDim));
      }
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** Tokens whose keys and values are held. */
  get length(): number {
    return this.#length;
  }

  /** Keys, then values, of layer `index`: [capacity, 2·kvHeads·headDim]. */
  layer(index: number): Tensor {
    return this.#layers[this.#kept ? index : 0]!;
  }

  /** Records that `count` more tokens were written into every layer. */
  grow(count: number): void {
    if (this.#kept) this.#length += count;
  }

  /** Forgets all tokens from `length` on. */
  truncate(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.#length) {
      throw new ListwiseError(
        'invalid-input',
        `Can't truncate a cache of ${this.#length} tokens to ${length}.`,
      );
    }
    this.#length = length;
  }

  free(): void {
    for (const layer of this.#layers) layer.free();
  }
}
