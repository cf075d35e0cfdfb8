/** What the GPU holds: tensors in one buffer or, where buffers are limited, in pages of rows. */
import { ListwiseError } from '../../../error.js';
import type { Indices, Tensor, Weight } from '../../device.js';
import type { WeightDtype } from '../../dtype.js';
import { checkSlice } from '../../shapes.js';
import type { Bound } from '../queue/queue.js';
import type { Order } from './packing.js';

/** `f16` is how some devices keep keys and values, and operands. */
export type TensorDtype = 'f32' | 'f16';

export const BYTES: Readonly<Record<TensorDtype, number>> = { f32: 4, f16: 2 };

/** A row's place: its page's buffer, and where in it the row begins, in values. */
export interface Place {
  readonly buffer: GPUBuffer;
  readonly start: number;
}

/**
 * [rows, columns], `pageRows` rows to a buffer. A slice begins at row `first` of the same pages. An operand in 16 bits
 * has a scale for each row.
 */
export class WebGpuTensor implements Tensor {
  readonly rows: number;
  readonly columns: number;
  readonly dtype: TensorDtype;
  /** [rows, 1], in pages of as many rows. What is in the tensor is multiplied with them. */
  readonly scales: WebGpuTensor | undefined;
  readonly #pages: readonly GPUBuffer[];
  readonly #pageRows: number;
  readonly #first: number;
  readonly #free: () => void;

  constructor(
    shape: { rows: number; columns: number; dtype: TensorDtype; pageRows: number },
    pages: readonly GPUBuffer[],
    first: number,
    free: () => void,
    scales?: WebGpuTensor,
  ) {
    this.rows = shape.rows;
    this.columns = shape.columns;
    this.dtype = shape.dtype;
    this.scales = scales;
    this.#pageRows = shape.pageRows;
    this.#pages = pages;
    this.#first = first;
    this.#free = free;
  }

  slice(start: number, count: number): WebGpuTensor {
    checkSlice(start, count, this.rows);
    const shape = { rows: count, columns: this.columns, dtype: this.dtype, pageRows: this.#pageRows };
    const scales = this.scales?.slice(start, count);
    return new WebGpuTensor(shape, this.#pages, this.#first + start, () => {}, scales);
  }

  free(): void {
    this.#free();
    this.scales?.free();
  }

  place(row: number): Place {
    const place = this.#first + row;
    const buffer = this.#pages[Math.floor(place / this.#pageRows)]!;
    return { buffer, start: (place % this.#pageRows) * this.columns };
  }

  /** Rows from `row` on that lie in its page. */
  rowsInPage(row: number): number {
    return Math.min(this.#pageRows - ((this.#first + row) % this.#pageRows), this.rows - row);
  }
}

/** Cuts the rows of tensors that go row by row together, so that each part lies in one page of all of them. */
export function spans(...tensors: readonly WebGpuTensor[]): { row: number; count: number }[] {
  const result: { row: number; count: number }[] = [];
  const { rows } = tensors[0]!;
  for (let row = 0; row < rows; ) {
    const count = Math.min(...tensors.map((tensor) => tensor.rowsInPage(row)));
    result.push({ row, count });
    row += count;
  }
  return result;
}

/** u32 row numbers; a slice begins at `start`. */
export class WebGpuIndices implements Indices {
  readonly values: Uint32Array;
  readonly buffer: GPUBuffer;
  readonly start: number;
  readonly #free: () => void;

  constructor(values: Uint32Array, buffer: GPUBuffer, start: number, free: () => void) {
    this.values = values;
    this.buffer = buffer;
    this.start = start;
    this.#free = free;
  }

  slice(start: number, count: number): WebGpuIndices {
    checkSlice(start, count, this.values.length);
    const values = this.values.subarray(start, start + count);
    return new WebGpuIndices(values, this.buffer, this.start + start, () => {});
  }

  free(): void {
    this.#free();
  }
}

/** A weight [out, in] as packing.ts packs it. */
export class WebGpuWeight implements Weight {
  readonly rows: number;
  readonly columns: number;
  readonly dtype: WeightDtype;
  readonly order: Order;
  /** Its values, and in q8 and q4 the blocks' scales. */
  readonly buffers: readonly Bound[];
  readonly #free: () => void;

  constructor(
    shape: { rows: number; columns: number; dtype: WeightDtype; order: Order },
    buffers: readonly GPUBuffer[],
    free: () => void,
  ) {
    this.rows = shape.rows;
    this.columns = shape.columns;
    this.dtype = shape.dtype;
    this.order = shape.order;
    this.buffers = buffers.map((buffer) => ({ buffer }));
    this.#free = free;
  }

  free(): void {
    this.#free();
  }
}

export function ownTensor(tensor: Tensor): WebGpuTensor {
  if (tensor instanceof WebGpuTensor) return tensor;
  throw foreign('tensor');
}

export function ownIndices(indices: Indices): WebGpuIndices {
  if (indices instanceof WebGpuIndices) return indices;
  throw foreign('index');
}

export function ownWeight(weight: Weight): WebGpuWeight {
  if (weight instanceof WebGpuWeight) return weight;
  throw foreign('weight');
}

function foreign(what: string): ListwiseError {
  return new ListwiseError('device-unsupported', `The ${what} belongs to another device.`);
}
