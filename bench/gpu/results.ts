/** What a run finds out. */
import type { Arithmetic } from '../../src/device/webgpu/arithmetic.js';
import type { Timing } from '../../src/device/webgpu/tuning/tune.js';
import type { Machine } from './machine.js';
import type { Setting } from './settings.js';

/** A comparison with golden values. */
export interface Check {
  readonly arithmetic: Arithmetic;
  readonly what: string;
  /**
   * The largest: of scores the difference, of hidden states the relative L2 of a tensor. Infinite, null in JSON, if
   * the check did not come to its end.
   */
  readonly error: number;
  readonly bound: number;
}

export interface ProductSpeed extends Setting {
  readonly name: string;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly milliseconds: number;
  readonly teraflops: number;
}

/** How long the ways to compute an operation of the model take. */
export interface VariantTimes extends Setting {
  readonly timings: readonly Timing[];
}

export interface AttentionSpeed {
  readonly arithmetic: Arithmetic;
  readonly queries: number;
  readonly keys: number;
  readonly milliseconds: number;
  readonly teraflops: number;
}

/** Who computes the whole model: a setting of listwise, or PyTorch. */
export interface Runner {
  readonly runner: string;
  readonly arithmetic?: Arithmetic;
}

export interface PromptSpeed extends Runner {
  readonly tokens: number;
  /** The median of `runs`. */
  readonly seconds: number;
  readonly runs: readonly number[];
  readonly tokensPerSecond: number;
  /** The most that tensors and weights took at a time, by the runner's own count. */
  readonly heldBytes: number;
  /** The most that was taken of the card, by nvidia-smi. */
  readonly cardBytes?: number | undefined;
}

export interface RequestSpeed extends Runner {
  readonly documents: number;
  readonly tokens: number;
  readonly milliseconds: number;
}

export interface Results {
  readonly machine: Machine;
  readonly checks: Check[];
  readonly products: ProductSpeed[];
  readonly attention: AttentionSpeed[];
  readonly variants: VariantTimes[];
  readonly prompts: PromptSpeed[];
  readonly requests: RequestSpeed[];
  /** What was left out or failed, and why. */
  readonly notes: string[];
}

export function emptyResults(machine: Machine): Results {
  return {
    machine,
    checks: [],
    products: [],
    attention: [],
    variants: [],
    prompts: [],
    requests: [],
    notes: [],
  };
}

export function hasFailed({ error, bound }: Check): boolean {
  return !(error <= bound); // a NaN has
}
