/** What the CPU device holds: ranges of the kernels' memory. */
import { ListwiseError } from '../../error.js';
import type { Indices, Tensor, Weight } from '../device.js';
import type { WeightDtype } from '../dtype.js';
import { checkSlice } from '../shapes.js';

/** Gives memory back. */
export type Release = () => void;

/** f32 [rows, columns] at an address. */
export class WasmTensor implements Tensor {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
  readonly #release: Release;

  constructor(address: number, rows: number, columns: number, release: Release) {
    this.address = address;
    this.rows = rows;
    this.columns = columns;
    this.#release = release;
  }

  slice(start: number, count: number): WasmTensor {
    checkSlice(start, count, this.rows);
    return new WasmTensor(this.address + start * this.columns * 4, count, this.columns, () => {});
  }

  free(): void {
    this.#release();
  }
}

/** u32 row numbers at an address. */
export class WasmIndices implements Indices {
  readonly address: number;
  readonly values: Uint32Array;
  readonly #release: Release;

  constructor(address: number, values: Uint32Array, release: Release) {
    this.address = address;
    this.values = values;
    this.#release = release;
  }

  slice(start: number, count: number): WasmIndices {
    checkSlice(start, count, this.values.length);
    return new WasmIndices(this.address + start * 4, this.values.subarray(start, start + count), () => {});
  }

  free(): void {
    this.#release();
  }
}

/** A weight [out, in] in panels of 8 outputs, padded to whole blocks of inputs: see packing.ts. */
export class WasmWeight implements Weight {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
  readonly dtype: WeightDtype;
  readonly #release: Release;

  constructor(address: number, rows: number, columns: number, dtype: WeightDtype, release: Release) {
    this.address = address;
    this.rows = rows;
    this.columns = columns;
    this.dtype = dtype;
    this.#release = release;
  }

  free(): void {
    this.#release();
  }
}

export function ownTensor(tensor: Tensor): WasmTensor {
  if (tensor instanceof WasmTensor) return tensor;
  throw foreign('tensor');
}

export function ownIndices(indices: Indices): WasmIndices {
  if (indices instanceof WasmIndices) return indices;
  throw foreign('index');
}

export function ownWeight(weight: Weight): WasmWeight {
  if (weight instanceof WasmWeight) return weight;
  throw foreign('weight');
}

function foreign(what: string): ListwiseError {
  return new ListwiseError('device-unsupported', `The ${what} belongs to another device.`);
}
