/** What attention weighs values with, written out: scores, a dispatch for each page of the cache, then their softmax. */
import { spans, type WebGpuIndices, type WebGpuTensor } from '../memory/tensors.js';
import { COST_OF_VALUE, type Dispatch } from '../queue/queue.js';
import type { Tools } from '../tools.js';
import { type AttentionShape, NO_WINDOW, scaleOf } from './attention.js';
import { operand } from './operands.js';

/** Keys of scores.wgsl's workgroups. */
const KEYS = 64;

export function attentionWeights(
  tools: Tools,
  queries: WebGpuTensor,
  cache: WebGpuTensor,
  positions: WebGpuIndices,
  shape: AttentionShape,
  out: WebGpuTensor,
): Dispatch[] {
  const { heads, kvHeads, headDim } = shape;
  const scores = tools.kernels.kernel(
    [cache.dtype === 'f16' ? 'attention/cache-f16' : 'attention/cache-f32', 'attention/scores'],
    { HEAD_DIM: headDim, GROUP: heads / kvHeads },
  );
  const softmax = tools.kernels.kernel(['rows/reduce', 'attention/weights']);
  const seen = Math.min(cache.rows, out.columns);
  const pages = spans(cache.slice(0, seen));
  return spans(queries).flatMap(({ row, count }) => {
    const from = operand(tools, 'floats', queries, row, count);
    const [queryBuffer] = from.buffers;
    const written = out.slice(row * heads, count * heads);
    const dispatches = spans(written).flatMap((part): Dispatch[] => {
      const to = written.place(part.row);
      return [
        ...pages.map((page) => {
          const keys = cache.place(page.row);
          return {
            kernel: scores,
            buffers: [{ buffer: positions.buffer }, queryBuffer!, keys, to],
            params: [
              ...[kvHeads, part.row, from.start, to.start, positions.start + row],
              ...[keys.start, page.row, page.row + page.count, out.columns],
              ...[Math.min(shape.window, NO_WINDOW), scaleOf(headDim)],
            ],
            workgroups: part.count * Math.ceil(page.count / KEYS),
            cost: 2 * part.count * page.count * headDim,
          };
        }),
        {
          kernel: softmax,
          buffers: [to],
          params: [out.columns, seen, to.start],
          workgroups: part.count,
          cost: part.count * out.columns * COST_OF_VALUE,
        },
      ];
    });
    return [...from.before, ...dispatches];
  });
}
