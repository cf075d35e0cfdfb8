/** What the reference device holds: tensors in double precision, weights as they rest. */
import { ListwiseError } from '../../error.js';
import type { Indices, Tensor, Weight } from '../device.js';
import { isQuantized, type WeightDtype } from '../dtype.js';
import { bf16FromBits, bitsOf, f16FromBits, fromF16 } from '../half.js';
import { BLOCK, quantizeQ4, quantizeQ8, ZERO_POINT } from '../quantize.js';
import { checkSlice } from '../shapes.js';

/** Rows of `values` [rows, columns]; slices share the array. */
export class ReferenceTensor implements Tensor {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
  readonly #free: () => void;

  constructor(rows: number, columns: number, values: Float64Array, free: () => void) {
    this.rows = rows;
    this.columns = columns;
    this.values = values;
    this.#free = free;
  }

  slice(start: number, count: number): ReferenceTensor {
    checkSlice(start, count, this.rows);
    const values = this.values.subarray(start * this.columns, (start + count) * this.columns);
    return new ReferenceTensor(count, this.columns, values, () => {});
  }

  row(index: number): Float64Array {
    return this.values.subarray(index * this.columns, (index + 1) * this.columns);
  }

  free(): void {
    this.#free();
  }
}

export class ReferenceIndices implements Indices {
  readonly values: Uint32Array;

  constructor(values: Uint32Array) {
    this.values = values;
  }

  slice(start: number, count: number): ReferenceIndices {
    checkSlice(start, count, this.values.length);
    return new ReferenceIndices(this.values.subarray(start, start + count));
  }

  free(): void {}
}

/** A weight [out, in]: values as the dtype rounds them, or integers with a scale for each block of 32 of a row. */
export class ReferenceWeight implements Weight {
  readonly rows: number;
  readonly columns: number;
  readonly dtype: WeightDtype;
  readonly values: Float32Array | Int8Array;
  readonly scales: Float32Array; // [out, in / 32], for q8 and q4 alone
  readonly #free: (bytes: number) => void;

  constructor(rows: number, columns: number, dtype: WeightDtype, free: (bytes: number) => void) {
    this.rows = rows;
    this.columns = columns;
    this.dtype = dtype;
    this.values = isQuantized(dtype) ? new Int8Array(rows * columns) : new Float32Array(rows * columns);
    this.scales = new Float32Array(isQuantized(dtype) ? rows * Math.ceil(columns / BLOCK) : 0);
    this.#free = free;
  }

  get bytes(): number {
    return this.values.byteLength + this.scales.byteLength;
  }

  free(): void {
    this.#free(this.bytes);
  }

  setRow(index: number, row: Float32Array): void {
    const values = this.values.subarray(index * this.columns, (index + 1) * this.columns);
    if (values instanceof Float32Array) {
      values.set(rounded(row, this.dtype));
      return;
    }
    const quantize = this.dtype === 'q4' ? signedQ4 : quantizeQ8;
    const blocks = Math.ceil(this.columns / BLOCK);
    for (let block = 0; block < blocks; block++) {
      const start = block * BLOCK;
      const count = Math.min(BLOCK, this.columns - start);
      this.scales[index * blocks + block] = quantize(row, start, count, values);
    }
  }
}

/** A q4 block as integers around 0, and its scale. */
function signedQ4(row: Float32Array, start: number, count: number, into: Int8Array): number {
  const packed = quantizeQ4(row, start, count, into);
  const zero = packed & ZERO_POINT;
  for (let i = start; i < start + count; i++) into[i] = into[i]! - zero;
  return new Float32Array(Uint32Array.of(packed - zero).buffer)[0]!;
}

function rounded(row: Float32Array, dtype: WeightDtype): Float32Array {
  if (dtype === 'f32') return row;
  const bits = bitsOf(row);
  if (dtype === 'f16') return Float32Array.from(bits, (each) => fromF16(f16FromBits(each)));
  return new Float32Array(bits.map((each) => bf16FromBits(each) << 16).buffer);
}

/** Narrows a contract's tensor to this device's own. */
export function own(tensor: Tensor): ReferenceTensor {
  if (tensor instanceof ReferenceTensor) return tensor;
  throw new ListwiseError('device-unsupported', 'The tensor belongs to another device.');
}

/** Narrows a contract's weight to this device's own. */
export function ownWeight(weight: Weight): ReferenceWeight {
  if (weight instanceof ReferenceWeight) return weight;
  throw new ListwiseError('device-unsupported', 'The weight belongs to another device.');
}
