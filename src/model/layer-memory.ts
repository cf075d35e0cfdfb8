/** The keys and values of one layer while a run is at it: those that a prefix left, then those of the run's tokens. */
import type { Indices, Pass, Tensor } from '../device/device.js';
import type { Activations, Rows } from './activations.js';
import { heldTokens, type KvCache } from './kv-cache.js';

export class LayerMemory {
  /** What the layer's queries attend to: [held + tokens, 2·kvHeads·headDim]. */
  readonly keysValues: Tensor;
  /** How many tokens a query sees, itself included. */
  readonly window: number;
  readonly #index: number;
  readonly #prefix: KvCache | undefined;
  /** The token whose keys and values are the first row. */
  readonly #first: number;
  /** Rows that the prefix fills. */
  readonly #held: number;

  /** For layer `index`, in the memory that all layers use in turn. */
  constructor(index: number, window: number, activations: Activations, prefix: KvCache | undefined) {
    const start = prefix?.length ?? 0;
    this.window = window;
    this.#index = index;
    this.#prefix = prefix;
    this.#held = heldTokens(start, window);
    this.#first = start - this.#held;
    this.keysValues = activations.keysValues.slice(0, this.#held + activations.all.hidden.rows);
  }

  /** The place of `count` of the run's tokens from `start` on. */
  own(start: number, count: number): Tensor {
    return this.keysValues.slice(this.#held + start, count);
  }

  /** Where rows stand among the keys and values. */
  positions({ positions, windowPositions }: Rows): Indices {
    return this.window === Number.POSITIVE_INFINITY ? positions : windowPositions;
  }

  /** Brings the prefix's keys and values here. */
  restore(pass: Pass): void {
    if (this.#prefix) pass.copy(this.#prefix.layer(this.#index), this.keysValues.slice(0, this.#held));
  }

  /** Copies to `cache` what it is to hold of this layer. */
  keep(pass: Pass, cache: KvCache): void {
    const kept = cache.layer(this.#index);
    pass.copy(this.keysValues.slice(cache.length - kept.rows - this.#first, kept.rows), kept);
  }
}
