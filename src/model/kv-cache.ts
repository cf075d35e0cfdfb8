/**
 * Keys and values of the first tokens of a prompt, for prompts that begin alike: one forward run fills it, any
 * number of later ones continue from it.
 *
 * A layer with a sliding window holds no more tokens than its window, however many there are: later tokens see no
 * further back. So a cache can't be cut to fewer tokens; whoever wants those keeps a cache of them, too.
 */
import type { Device, Tensor } from '../device/device.js';
import type { Qwen3Config } from './config.js';

export class KvCache {
  /** Tokens whose keys and values it stands for. */
  readonly length: number;
  readonly #layers: Tensor[] = [];

  /** Room for `length` tokens, which a forward run fills. */
  constructor(device: Pick<Device, 'cache'>, config: Qwen3Config, length: number) {
    this.length = length;
    try {
      for (const window of config.windows) {
        const held = heldTokens(length, window);
        this.#layers.push(device.cache(held, 2 * config.kvHeads * config.headDim));
      }
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** Keys, then values, of the last tokens that layer `index` sees: [held, 2·kvHeads·headDim]. */
  layer(index: number): Tensor {
    return this.#layers[index]!;
  }

  free(): void {
    for (const layer of this.#layers) layer.free();
  }
}

/** How many of `length` tokens a layer holds that sees `window` tokens back. */
export function heldTokens(length: number, window: number): number {
  return Math.min(length, window);
}
