/** Records the six operations as a program for the kernels: see kernels/index.ts. */
import { ListwiseError } from '../../error.js';
import type { Epilogue, Indices, Pass, Tensor, Weight } from '../device.js';
import { Q8_BLOCK } from '../dtype.js';
import {
  checkAttention,
  checkGather,
  checkKeysValues,
  checkLinear,
  checkQueries,
  checkRmsNorm,
} from '../shapes.js';
import { FORM, type Form } from './kernels.js';
import { ownIndices, ownTensor, ownWeight } from './tensors.js';

/** Words of a step: the operation, its arguments, and last the counter of work. */
export const STEP_WORDS = 16;

/** As kernels/index.ts numbers them. */
const OPERATION = {
  rmsNorm: 0,
  linearF32: 1,
  quantizeRows: 2,
  linearQ8Pairs: 3,
  linearQ8Quads: 4,
  queries: 5,
  keysValues: 6,
  attention: 7,
  gather: 8,
} as const;

/** As kernels/linear-tile.ts numbers them. */
const EPILOGUE: Readonly<Record<Epilogue, number>> = { none: 0, add: 1, relu: 2, swiglu: 3 };

/** A word of a step: an integer, a number in 32-bit floating point, or a place in the quantised activations. */
type Word = number | { readonly float: number } | { readonly quantized: number };

/** A recorded program. Where quantised activations lie is known when it is submitted. */
export interface Recording {
  readonly steps: readonly (readonly Word[])[];
  /** Memory for quantised activations that the program needs. */
  readonly quantizedBytes: number;
  /** The widest head that attends; 0 without attention. */
  readonly headDim: number;
}

export class WasmPass implements Pass {
  readonly #form: Form;
  readonly #run: (recording: Recording) => Promise<void>;
  readonly #steps: Word[][] = [];
  #quantizedBytes = 0;
  #headDim = 0;

  constructor(form: Form, run: (recording: Recording) => Promise<void>) {
    this.#form = form;
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
    const source = ownTensor(x).address;
    const { address, dtype, rows: outputs, columns: inputs } = ownWeight(weight);
    const shape = [ownTensor(out).address, x.rows, inputs, outputs, EPILOGUE[epilogue]];
    if (dtype === 'f32') {
      this.#record(OPERATION.linearF32, source, address, ...shape);
      return;
    }
    const integerBytes = x.rows * inputs * (this.#form === 'words' ? 2 : 1);
    const integers = { quantized: 0 };
    const scales = { quantized: integerBytes };
    this.#quantizedBytes = Math.max(this.#quantizedBytes, integerBytes + (x.rows * inputs * 4) / Q8_BLOCK);
    this.#record(OPERATION.quantizeRows, source, integers, scales, x.rows, inputs, FORM[this.#form]);
    const operation = this.#form === 'words' ? OPERATION.linearQ8Pairs : OPERATION.linearQ8Quads;
    this.#record(operation, integers, scales, address, ...shape, FORM[this.#form]);
  }

  queries(projected: Tensor, norm: Tensor, epsilon: number, angles: Tensor, out: Tensor): void {
    checkQueries(projected, norm, angles, out);
    this.#recordHeads(OPERATION.queries, projected, norm, epsilon, angles, out);
  }

  keysValues(projected: Tensor, norm: Tensor, epsilon: number, angles: Tensor, out: Tensor): void {
    checkKeysValues(projected, norm, angles, out);
    this.#recordHeads(OPERATION.keysValues, projected, norm, epsilon, angles, out);
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
    );
  }

  gather(x: Tensor, rows: Indices, out: Tensor): void {
    checkGather(x, rows, out);
    const addresses = [ownTensor(x).address, ownIndices(rows).address, ownTensor(out).address];
    this.#record(OPERATION.gather, ...addresses, out.rows, x.columns);
  }

  submit(): Promise<void> {
    return this.#run({ steps: this.#steps, quantizedBytes: this.#quantizedBytes, headDim: this.#headDim });
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
