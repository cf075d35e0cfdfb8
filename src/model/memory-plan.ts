/** What a forward run will allocate, told before it is allocated. */
import type { Device, Indices, Tensor } from '../device/device.js';
import { Activations, type Allocator } from './activations.js';
import type { Qwen3Config } from './config.js';
import { heldTokens } from './kv-cache.js';

/** Bytes on the device of a run over `tokens` tokens, of which `rows` are wanted, beside the weights. */
export function forwardBytes(device: Device, config: Qwen3Config, tokens: number, rows: number): number {
  const ledger = new Ledger(device);
  new Activations(ledger, config, [{ start: 0, tokens, rows: Array(rows).fill(0) }]);
  return ledger.bytes;
}

/** Bytes on the device of a cache of `tokens` tokens. */
export function cacheBytes(device: Device, config: Qwen3Config, tokens: number): number {
  const rows = config.windows.reduce((sum, window) => sum + heldTokens(tokens, window), 0);
  return rows * 2 * config.kvHeads * config.headDim * device.valueBytes.cache;
}

/** Allocates nothing, and adds up what it would have. */
class Ledger implements Allocator {
  readonly chunkRows: number;
  readonly #valueBytes: Device['valueBytes'];
  bytes = 0;

  constructor({ chunkRows, valueBytes }: Device) {
    this.chunkRows = chunkRows;
    this.#valueBytes = valueBytes;
  }

  tensor(rows: number, columns: number): Tensor {
    this.bytes += rows * columns * this.#valueBytes.tensor;
    return new Shape(rows, columns);
  }

  cache(rows: number, columns: number): Tensor {
    this.bytes += rows * columns * this.#valueBytes.cache;
    return new Shape(rows, columns);
  }

  indices(values: readonly number[]): Indices {
    this.bytes += values.length * 4;
    return { values: Uint32Array.from(values), slice: () => this.indices([]), free: () => {} };
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
