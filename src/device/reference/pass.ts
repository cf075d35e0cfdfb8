/** The operations as the papers write them. Each is computed when it is recorded; submitting does nothing. */
import type { Epilogue, Indices, Pass, ReadyHeads, Tensor, Weight } from '../device.js';
import { isQuantized } from '../dtype.js';
import { BLOCK, quantizeQ8 } from '../quantize.js';
import {
  checkAttention,
  checkAttentionWeights,
  checkCopy,
  checkGather,
  checkHeads,
  checkLinear,
  checkRmsNorm,
} from '../shapes.js';
import { own, ownWeight, type ReferenceTensor, type ReferenceWeight } from './tensors.js';

export class ReferencePass implements Pass {
  readonly #quantizes: boolean;

  constructor(quantizesActivations: boolean) {
    this.#quantizes = quantizesActivations;
  }

  /** RMSNorm (Zhang & Sennrich 2019). */
  rmsNorm(x: Tensor, weight: Tensor, epsilon: number, out: Tensor): void {
    checkRmsNorm(x, weight, out);
    for (let row = 0; row < x.rows; row++) {
      own(out)
        .row(row)
        .set(normalised(own(x).row(row), own(weight).values, epsilon));
    }
  }

  linear(x: Tensor, weight: Weight, out: Tensor, epilogue: Epilogue = 'none'): void {
    checkLinear(x, weight, out, epilogue);
    for (let row = 0; row < x.rows; row++) {
      const y = product(own(x).row(row), ownWeight(weight), this.#quantizes); // [out]
      const target = own(out).row(row);
      for (let i = 0; i < target.length; i++) {
        if (epilogue === 'none') target[i] = y[i]!;
        else if (epilogue === 'add') target[i] = target[i]! + y[i]!;
        else if (epilogue === 'relu') target[i] = Math.max(y[i]!, 0);
        else target[i] = silu(y[2 * i]!) * y[2 * i + 1]!;
      }
    }
  }

  heads(projected: Tensor, angles: Tensor, epsilon: number, ready: ReadyHeads): void {
    checkHeads(projected, angles, ready);
    for (let row = 0; row < projected.rows; row++) {
      const source = own(projected).row(row);
      const turns = own(angles).row(row);
      if (ready.queries) {
        const target = own(ready.queries.out).row(row);
        const queries = source.subarray(0, target.length);
        rotatedHeads(queries, own(ready.queries.norm).values, epsilon, turns, target);
      }
      if (ready.keysValues) {
        const target = own(ready.keysValues.out).row(row);
        const width = target.length / 2;
        const [keys, values] = [source.subarray(-2 * width, -width), source.subarray(-width)];
        const norm = own(ready.keysValues.norm).values;
        rotatedHeads(keys, norm, epsilon, turns, target.subarray(0, width));
        target.set(values, width);
      }
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
    const heads = queries.columns / headDim;
    const kvHeads = cache.columns / (2 * headDim);
    for (let row = 0; row < queries.rows; row++) {
      const last = positions.values[row]!;
      const first = Math.max(0, last - window + 1);
      for (let head = 0; head < heads; head++) {
        const kvHead = Math.floor((head * kvHeads) / heads);
        const query = own(queries)
          .row(row)
          .subarray(head * headDim, (head + 1) * headDim);
        const result = own(out)
          .row(row)
          .subarray(head * headDim, (head + 1) * headDim);
        attend(query, own(cache), kvHead * headDim, first, last, result);
      }
    }
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
    const heads = queries.columns / headDim;
    const kvHeads = cache.columns / (2 * headDim);
    for (let row = 0; row < out.rows; row++) {
      const head = row % heads;
      const last = positions.values[Math.floor(row / heads)]!;
      const first = Math.max(0, last - window + 1);
      const query = own(queries)
        .row(Math.floor(row / heads))
        .subarray(head * headDim, (head + 1) * headDim);
      const kvHead = Math.floor((head * kvHeads) / heads);
      own(out)
        .row(row)
        .fill(0)
        .set(weightsOf(query, own(cache), kvHead * headDim, first, last), first);
    }
  }

  gather(x: Tensor, rows: Indices, out: Tensor): void {
    checkGather(x, rows, out);
    rows.values.forEach((source, row) => {
      own(out).row(row).set(own(x).row(source));
    });
  }

  copy(x: Tensor, out: Tensor): void {
    checkCopy(x, out);
    own(out).values.set(own(x).values);
  }

  /** A turn of the event loop, in which an abort is heard. */
  async submit(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function silu(x: number): number {
  return x / (1 + Math.exp(-x));
}

function normalised(x: Float64Array, weight: Float64Array, epsilon: number): Float64Array {
  const squares = x.reduce((sum, value) => sum + value * value, 0);
  const inverse = 1 / Math.sqrt(squares / x.length + epsilon);
  return x.map((value, i) => value * inverse * weight[i]!);
}

/** x·Wᵀ for one row x [in]. */
function product(x: Float64Array, weight: ReferenceWeight, quantizes: boolean): Float64Array {
  const { rows, columns, values } = weight;
  if (isQuantized(weight.dtype)) return blockProduct(quantizes ? quantized(x) : exact(x), weight);
  const y = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = 0; i < columns; i++) sum += x[i]! * values[row * columns + i]!;
    y[row] = sum;
  }
  return y;
}

/** A row in blocks: what to multiply with the integers of weights, and each block's scale. */
interface Blocks {
  readonly values: Float64Array | Int8Array;
  readonly scales: readonly number[];
}

function quantized(x: Float64Array): Blocks {
  const values = new Int8Array(x.length);
  const scales = Array.from({ length: Math.ceil(x.length / BLOCK) }, (_, block) => {
    const start = block * BLOCK;
    return quantizeQ8(x, start, Math.min(BLOCK, x.length - start), values);
  });
  return { values, scales };
}

function exact(x: Float64Array): Blocks {
  return { values: x, scales: Array.from({ length: Math.ceil(x.length / BLOCK) }, () => 1) };
}

/** x·Wᵀ where weights rest as integers: a sum within each block, scales between blocks. */
function blockProduct(x: Blocks, { rows, columns, values, scales }: ReferenceWeight): Float64Array {
  const blocks = x.scales.length;
  const y = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      let sum = 0;
      const end = Math.min((block + 1) * BLOCK, columns);
      for (let i = block * BLOCK; i < end; i++) sum += x.values[i]! * values[row * columns + i]!;
      y[row] = y[row]! + sum * x.scales[block]! * scales[row * blocks + block]!;
    }
  }
  return y;
}

/**
 * Each head of `source`: RMS-normalised, then rotated by this token's angles (RoPE, Su et al. 2021, in the
 * half-split form: element i is paired with i + headDim/2).
 */
function rotatedHeads(
  source: Float64Array,
  norm: Float64Array,
  epsilon: number,
  angles: Float64Array,
  out: Float64Array,
): void {
  const headDim = norm.length;
  const half = headDim / 2;
  for (let start = 0; start < source.length; start += headDim) {
    const head = normalised(source.subarray(start, start + headDim), norm, epsilon);
    for (let i = 0; i < half; i++) {
      const cosine = angles[i]!;
      const sine = angles[half + i]!;
      out[start + i] = head[i]! * cosine - head[half + i]! * sine;
      out[start + half + i] = head[half + i]! * cosine + head[i]! * sine;
    }
  }
}

/** One query head over the cache's rows `first` to `last`; its keys start at column `column`. */
function attend(
  query: Float64Array,
  cache: ReferenceTensor,
  column: number,
  first: number,
  last: number,
  out: Float64Array,
): void {
  const { values, columns } = cache;
  const weights = weightsOf(query, cache, column, first, last);
  out.fill(0);
  for (let j = first; j <= last; j++) {
    const value = j * columns + columns / 2 + column;
    for (let i = 0; i < out.length; i++) out[i] = out[i]! + weights[j - first]! * values[value + i]!;
  }
}

/** The softmax over the scores of keys `first` to `last`. */
function weightsOf(
  query: Float64Array,
  { values, columns }: ReferenceTensor,
  column: number,
  first: number,
  last: number,
): Float64Array {
  const scores = new Float64Array(last - first + 1); // [visible keys]
  for (let j = first; j <= last; j++) {
    let sum = 0;
    for (let i = 0; i < query.length; i++) sum += query[i]! * values[j * columns + column + i]!;
    scores[j - first] = sum / Math.sqrt(query.length);
  }
  const largest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = scores.map((score) => Math.exp(score - largest));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}
