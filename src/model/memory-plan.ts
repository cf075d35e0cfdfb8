/** What a forward run will allocate, told before it is allocated. */
import type { Device, Indices, Tensor } from '../device/device.js';
import { Activations, type Allocator } from './activations.js';
import type { Qwen3Config } from './config.js';
import { heldTokens } from './kv-cache.js';
import type { SequenceShape } from './sequences.js';

/** Bytes on the device of a run over `tokens` tokens, of which `rows` are wanted, beside the weights; `shown` if it is watched. */
export function forwardBytes(
  device: Device,
  config: Qwen3Config,
  tokens: number,
  rows: number,
  shown = false,
): number {
  return runBytes(device, config, [{ start: 0, tokens, rows: Array(rows).fill(0) }], shown);
}

/** The same of a run over several sequences. */
export function runBytes(
  device: Device,
  config: Qwen3Config,
  sequences: readonly SequenceShape[],
  shown = false,
): number {
  const ledger = new Ledger(device);
  new Activations(ledger, config, sequences, shown);
  return ledger.bytes;
}

/** Bytes on the device of a cache of `tokens` tokens. */
export function cacheBytes(device: Device, config: Qwen3Config, tokens: number): number {
  const rows = config.windows.reduce((sum, window) => sum + heldTokens(tokens, window), 0);
  return device.bytesFor('cache', rows, 2 * config.kvHeads * config.headDim);
}

/** Allocates nothing, and adds up what it would have. */
class Ledger implements Allocator {
  readonly chunkRows: number;
  readonly #device: Device;
  bytes = 0;

  constructor(device: Device) {
    this.chunkRows = device.chunkRows;
    this.#device = device;
  }

  tensor(rows: number, columns: number): Tensor {
    return this.#note('tensor', rows, columns);
  }

  operand(rows: number, columns: number): Tensor {
    return this.#note('operand', rows, columns);
  }

  cache(rows: number, columns: number): Tensor {
    return this.#note('cache', rows, columns);
  }

  indices(values: readonly number[]): Indices {
    this.bytes += values.length * 4;
    return { values: Uint32Array.from(values), slice: () => this.indices([]), free: () => {} };
  }

  #note(kind: 'tensor' | 'operand' | 'cache', rows: number, columns: number): Tensor {
    this.bytes += this.#device.bytesFor(kind, rows, columns);
    return new Shape(rows, columns);
  }
}

/** A tensor without memory. */
class Shape implements Tensor {
  readonly rows: number;
  readonly columns: number;

  constructor(rows: number, columns: number) {
    this.rows = rows;
    this.columns = columns;
  }

  slice(_start: number, count: number): Tensor {
    return new Shape(count, this.columns);
  }

  free(): void {}
}
