/** Records the operations as dispatches of kernels, and hands them to the queue. */
import { ListwiseError } from '../../error.js';
import type { Epilogue, Indices, Pass, ReadyHeads, Tensor, Weight } from '../device.js';
import {
  checkAttention,
  checkAttentionWeights,
  checkCopy,
  checkGather,
  checkHeads,
  checkLinear,
  checkRmsNorm,
} from '../shapes.js';
import { BYTES, ownIndices, ownTensor, ownWeight, spans } from './memory/tensors.js';
import { type AttentionShape, attention } from './operations/attention.js';
import { attentionWeights } from './operations/attention-weights.js';
import { heads } from './operations/heads.js';
import { linear } from './operations/linear.js';
import { COST_OF_VALUE, type Dispatch, type Queue } from './queue/queue.js';
import type { Tools } from './tools.js';

/** Words of copy.wgsl's workgroups. */
const COPIED_WORDS = 1024;

export class WebGpuPass implements Pass {
  readonly #tools: Tools;
  readonly #queue: Queue;
  readonly #dispatches: Dispatch[] = [];

  constructor(tools: Tools, queue: Queue) {
    this.#tools = tools;
    this.#queue = queue;
  }

  rmsNorm(x: Tensor, weight: Tensor, epsilon: number, out: Tensor): void {
    checkRmsNorm(x, weight, out);
    multipleOf(4, x.columns, 'columns of rmsNorm');
    const [from, scale, to] = [ownTensor(x), ownTensor(weight), ownTensor(out)];
    for (const { row, count } of spans(from, to)) {
      const [source, target] = [from.place(row), to.place(row)];
      this.#dispatches.push({
        kernel: this.#tools.kernels.kernel(
          to.scales
            ? ['rows/reduce', 'rows/half-scale', 'rows/rms-norm-halves', 'rows/rms-norm']
            : ['rows/reduce', 'rows/rms-norm-floats', 'rows/rms-norm'],
        ),
        buffers: [source, scale.place(0), target, ...(to.scales ? [to.scales.place(row)] : [])],
        params: [x.columns, source.start, target.start, { float: epsilon }],
        workgroups: count,
        cost: count * x.columns * COST_OF_VALUE,
      });
    }
  }

  linear(x: Tensor, weight: Weight, out: Tensor, epilogue: Epilogue = 'none'): void {
    checkLinear(x, weight, out, epilogue);
    if (epilogue === 'swiglu') multipleOf(8, weight.rows, 'outputs of SwiGLU');
    this.#dispatches.push(...linear(this.#tools, ownTensor(x), ownWeight(weight), ownTensor(out), epilogue));
  }

  heads(projected: Tensor, angles: Tensor, epsilon: number, ready: ReadyHeads): void {
    checkHeads(projected, angles, ready);
    multipleOf(8, angles.columns, 'head dim of rotary embeddings');
    this.#dispatches.push(...heads(this.#tools, projected, angles, epsilon, ready));
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
    const shape = attentionShape(queries, cache, headDim, window);
    const [from, keysValues, places, to] = [
      ownTensor(queries),
      ownTensor(cache),
      ownIndices(positions),
      ownTensor(out),
    ];
    this.#dispatches.push(...attention(this.#tools, from, keysValues, places, shape, to));
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
    const shape = attentionShape(queries, cache, headDim, window);
    const [from, keysValues, places, to] = [
      ownTensor(queries),
      ownTensor(cache),
      ownIndices(positions),
      ownTensor(out),
    ];
    this.#dispatches.push(...attentionWeights(this.#tools, from, keysValues, places, shape, to));
  }

  gather(x: Tensor, rows: Indices, out: Tensor): void {
    checkGather(x, rows, out);
    const [from, places, to] = [ownTensor(x), ownIndices(rows), ownTensor(out)];
    for (const { row, count } of spans(to)) {
      for (const page of spans(from)) {
        const [source, target] = [from.place(page.row), to.place(row)];
        this.#dispatches.push({
          kernel: this.#tools.kernels.kernel(['rows/gather']),
          buffers: [source, { buffer: places.buffer }, target],
          params: [x.columns, source.start, page.row, page.count, places.start + row, target.start],
          workgroups: count,
          cost: count * x.columns * COST_OF_VALUE,
        });
      }
    }
  }

  copy(x: Tensor, out: Tensor): void {
    checkCopy(x, out);
    const [from, to] = [ownTensor(x), ownTensor(out)];
    for (const { row, count } of spans(from, to)) {
      const [source, target] = [from.place(row), to.place(row)];
      const words = (values: number) => (values * BYTES[to.dtype]) / 4;
      this.#dispatches.push({
        kernel: this.#tools.kernels.kernel(['rows/copy']),
        buffers: [source, target],
        params: [words(count * x.columns), words(source.start), words(target.start)],
        workgroups: Math.ceil(words(count * x.columns) / COPIED_WORDS),
        cost: count * x.columns * COST_OF_VALUE,
      });
    }
  }

  submit(signal?: AbortSignal): Promise<void> {
    return this.#queue.run(this.#dispatches, signal);
  }
}

/** Throws `device-unsupported` for heads that no kernel serves. */
function attentionShape(queries: Tensor, cache: Tensor, headDim: number, window: number): AttentionShape {
  multipleOf(8, headDim, 'head dim of attention');
  return {
    heads: queries.columns / headDim,
    kvHeads: cache.columns / (2 * headDim),
    headDim,
    window,
  };
}

/** Throws `device-unsupported` for a size that would leave a part of a vector. */
export function multipleOf(step: number, size: number, what: string): void {
  if (size % step === 0) return;
  throw new ListwiseError(
    'device-unsupported',
    `The webgpu device needs ${what} in multiples of ${step}, got ${size}.`,
    { hint: 'The reference device takes every size.' },
  );
}
