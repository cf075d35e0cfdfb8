/** Records the operations as a program for the kernels: see kernels/index.ts. */
import { ListwiseError } from '../../error.js';
import type { Epilogue, Indices, Pass, ReadyHeads, Tensor, Weight } from '../device.js';
import { isQuantized } from '../dtype.js';
import { paddedInputs } from '../padding.js';
import {
  checkAttention,
  checkAttentionWeights,
  checkCopy,
  checkGather,
  checkHeads,
  checkLinear,
  checkRmsNorm,
} from '../shapes.js';
import { DTYPE, FORM } from './kernels.js';
import { type Form, type Layout, packedBytes, panelOf, rowsOfItem, widenedBytes } from './packing.js';
import { ownIndices, ownTensor, ownWeight } from './tensors.js';

/** Words of a step: the operation, its arguments, and last the counter of work. */
export const STEP_WORDS = 16;

/** As kernels/index.ts numbers them. */
const OPERATION = {
  rmsNorm: 0,
  packRows: 1,
  quantizeRows: 2,
  linearF32: 3,
  linearQ8Pairs: 4,
  linearQ8Quads: 5,
  linearQ4: 6,
  queries: 7,
  keysValues: 8,
  attention: 9,
  gather: 10,
  copy: 11,
  attentionWeights: 12,
  pad: 13,
} as const;

/** The operation that multiplies activations of a form. */
const PRODUCT: Readonly<Record<Form, number>> = {
  words: OPERATION.linearQ8Pairs,
  signed: OPERATION.linearQ8Quads,
  unsigned: OPERATION.linearQ8Quads,
  summed: OPERATION.linearQ4,
};

/** As kernels/linear.ts numbers them. */
const EPILOGUE: Readonly<Record<Epilogue, number>> = { none: 0, add: 1, relu: 2, swiglu: 3 };

/** Stands in a step for the address of packed activations, which is known when the program is submitted. */
export const PACKED = Symbol('packed activations');

/** The same for activations with zeros behind each row. */
export const PADDED = Symbol('padded activations');

/** A word of a step: an integer, a number in 32-bit floating point, or an address that is not known yet. */
type Word = number | { readonly float: number } | typeof PACKED | typeof PADDED;

/** A recorded program. */
export interface Recording {
  readonly steps: readonly (readonly Word[])[];
  /** Memory for packed activations that the program needs. */
  readonly packedBytes: number;
  /** Memory for padded activations. */
  readonly paddedBytes: number;
  /** Memory of each thread for widened panels. */
  readonly widenedBytes: number;
  /** The widest head that attends; 0 without attention. */
  readonly headDim: number;
}

export class WasmPass implements Pass {
  readonly #layout: Layout;
  readonly #threads: number;
  readonly #run: (recording: Recording) => Promise<void>;
  readonly #steps: Word[][] = [];
  #packedBytes = 0;
  #paddedBytes = 0;
  #widenedBytes = 0;
  #headDim = 0;

  constructor(layout: Layout, threads: number, run: (recording: Recording) => Promise<void>) {
    this.#layout = layout;
    this.#threads = threads;
    this.#run = run;
  }

  rmsNorm(x: Tensor, weight: Tensor, epsilon: number, out: Tensor): void {
    checkRmsNorm(x, weight, out);
    multipleOf(4, x.columns, 'columns of rmsNorm');
    const addresses = [x, weight, out].map((tensor) => ownTensor(tensor).address);
    this.#record(OPERATION.rmsNorm, ...addresses, x.rows, x.columns, { float: epsilon });
  }

  linear(x: Tensor, weight: Weight, out: Tensor, epilogue: Epilogue = 'none'): void {
    checkLinear(x, weight, out, epilogue);
    const { address, dtype, rows: outputs } = ownWeight(weight);
    const inputs = paddedInputs(x.columns);
    const source = [this.#padded(x), PACKED, x.rows, inputs] as const;
    const product = [
      PACKED,
      address,
      ownTensor(out).address,
      x.rows,
      inputs,
      outputs,
      EPILOGUE[epilogue],
      DTYPE[dtype],
      rowsOfItem(x.rows, Math.ceil(outputs / panelOf(dtype, this.#layout)), this.#threads),
    ] as const;
    this.#packedBytes = Math.max(this.#packedBytes, packedBytes(x.rows, inputs, dtype, this.#layout));
    this.#widenedBytes = Math.max(this.#widenedBytes, widenedBytes(inputs, dtype, this.#layout));
    if (!isQuantized(dtype)) {
      this.#record(OPERATION.packRows, ...source);
      this.#record(OPERATION.linearF32, ...product);
    } else {
      const form = this.#layout.forms[dtype];
      this.#record(OPERATION.quantizeRows, ...source, FORM[form]);
      this.#record(PRODUCT[form], ...product, FORM[form]);
    }
  }

  heads(projected: Tensor, angles: Tensor, epsilon: number, ready: ReadyHeads): void {
    checkHeads(projected, angles, ready);
    const { queries, keysValues } = ready;
    if (queries) {
      this.#recordHeads(OPERATION.queries, projected, queries.norm, epsilon, angles, queries.out);
    }
    if (keysValues) {
      this.#recordHeads(OPERATION.keysValues, projected, keysValues.norm, epsilon, angles, keysValues.out);
    }
  }

  attention(
    queries: Tensor,
    cache: Tensor,
    positions: Indices,
    headDim: number,
    out: Tensor,
    window = Infinity,
  ): void {
    checkAttention(queries, cache, positions, headDim, out);
    multipleOf(4, headDim, 'head dim of attention');
    const heads = queries.columns / headDim;
    const kvHeads = cache.columns / (2 * headDim);
    this.#headDim = Math.max(this.#headDim, headDim);
    this.#record(
      OPERATION.attention,
      ownTensor(queries).address,
      ownTensor(cache).address,
      ownIndices(positions).address,
      ownTensor(out).address,
      ...[queries.rows, heads, kvHeads, headDim],
      window < cache.rows ? window : 0,
      rowsOfItem(queries.rows, kvHeads, this.#threads),
    );
  }

  attentionWeights(
    queries: Tensor,
    cache: Tensor,
    positions: Indices,
    headDim: number,
    out: Tensor,
    window = Infinity,
  ): void {
    checkAttentionWeights(queries, cache, positions, headDim, out);
    multipleOf(4, headDim, 'head dim of attention');
    this.#record(
      OPERATION.attentionWeights,
      ownTensor(queries).address,
      ownTensor(cache).address,
      ownIndices(positions).address,
      ownTensor(out).address,
      ...[out.rows, queries.columns / headDim, cache.columns / (2 * headDim), headDim],
      window < cache.rows ? window : 0,
      out.columns,
    );
  }

  gather(x: Tensor, rows: Indices, out: Tensor): void {
    checkGather(x, rows, out);
    const addresses = [ownTensor(x).address, ownIndices(rows).address, ownTensor(out).address];
    this.#record(OPERATION.gather, ...addresses, out.rows, x.columns);
  }

  copy(x: Tensor, out: Tensor): void {
    checkCopy(x, out);
    this.#record(OPERATION.copy, ownTensor(x).address, ownTensor(out).address, x.rows, x.columns);
  }

  submit(): Promise<void> {
    return this.#run({
      steps: this.#steps,
      packedBytes: this.#packedBytes,
      paddedBytes: this.#paddedBytes,
      widenedBytes: this.#widenedBytes,
      headDim: this.#headDim,
    });
  }

  /** Where rows of x begin, with zeros behind each where they don't fill their blocks. */
  #padded(x: Tensor): Word {
    const { address } = ownTensor(x);
    const inputs = paddedInputs(x.columns);
    if (inputs === x.columns) return address;
    this.#paddedBytes = Math.max(this.#paddedBytes, x.rows * inputs * 4);
    this.#record(OPERATION.pad, address, PADDED, x.rows, x.columns, inputs);
    return PADDED;
  }

  #recordHeads(
    operation: number,
    projected: Tensor,
    norm: Tensor,
    epsilon: number,
    angles: Tensor,
    out: Tensor,
  ): void {
    multipleOf(8, norm.columns, 'head dim of rotary embeddings');
    const addresses = [projected, norm, angles, out].map((tensor) => ownTensor(tensor).address);
    const shape = [out.rows, projected.columns, out.columns, norm.columns];
    this.#record(operation, ...addresses, ...shape, { float: epsilon });
  }

  #record(...words: Word[]): void {
    this.#steps.push(words);
  }
}

/** Throws `device-unsupported` for a size that would leave a part of a vector. */
export function multipleOf(step: number, size: number, what: string): void {
  if (size % step === 0) return;
  throw new ListwiseError(
    'device-unsupported',
    `The wasm device needs ${what} in multiples of ${step}, got ${size}.`,
    {
      hint: 'The reference device takes every size.',
    },
  );
}
