/** The kernels of attention, one dispatch for each page of the cache. */
import type { ShaderName } from '../kernels/shaders.js';
import { BYTES, spans, type WebGpuIndices, type WebGpuTensor } from '../memory/tensors.js';
import type { Bound, Dispatch, Float } from '../queue/queue.js';
import type { Tools } from '../tools.js';
import type { AttentionVariant } from './attention-variants.js';
import { halvesOf, operand } from './operands.js';

/** How many keys a query sees where there is no window; far from the end of 32-bit integers. */
export const NO_WINDOW = 2 ** 30;

/** How much longer a product of attention takes than one of a linear layer: there are barriers and exponentials. */
const SLOWNESS = 2;

export interface AttentionShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly window: number;
}

export function attention(
  tools: Tools,
  queries: WebGpuTensor,
  cache: WebGpuTensor,
  positions: WebGpuIndices,
  shape: AttentionShape,
  out: WebGpuTensor,
): Dispatch[] {
  const { heads, kvHeads, headDim } = shape;
  const window = Math.min(shape.window, NO_WINDOW);
  const scale = scaleOf(headDim);
  const variant = tools.choices.attention({ headDim, group: heads / kvHeads, cache: cache.dtype });
  return spans(queries, out).flatMap(({ row, count }) => {
    const seen = visible(positions.values.subarray(row, row + count), window, variant.tokens);
    const pages = spans(cache).filter((page) => page.row < seen.end && seen.first < page.row + page.count);
    const statistics = tools.scratch.statistics.reserve(count * heads * 8);
    const from = operand(tools, variant.operand, queries, row, count);
    const to = target(tools, variant, out, row, count, pages.length);
    const kernel = tools.kernels.kernel(
      ['attention/range', to.shader, ...variant.shaders],
      variant.constants,
    );
    const dispatches = pages.map((page, index) => {
      const keys = cache.place(page.row);
      const end = Math.min(page.row + page.count, seen.end);
      const resumes = index > 0 ? 1 : 0;
      const ends = index === pages.length - 1 ? 1 : 0;
      return {
        kernel,
        buffers: [{ buffer: positions.buffer }, to.buffer, statistics, ...from.buffers, keys, ...to.scales],
        params: [
          ...[count, kvHeads, from.start, to.start, positions.start + row],
          ...[keys.start, page.row, end, window, resumes, ends, scale],
        ],
        workgroups: Math.ceil(count / variant.tokens) * kvHeads,
        cost: (SLOWNESS * 4 * heads * headDim * seen.pairs * (end - page.row)) / (seen.end - seen.first),
      };
    });
    return [...from.before, ...dispatches, ...to.after];
  });
}

/** Of scores, for exponentials that are powers of two. */
export function scaleOf(headDim: number): Float {
  return { float: Math.LOG2E / Math.sqrt(headDim) };
}

/** Where results go. */
interface Target {
  readonly shader: ShaderName;
  readonly buffer: Bound;
  readonly start: number;
  readonly scales: readonly Bound[];
  /** What has to run then. */
  readonly after: readonly Dispatch[];
}

/** An operand in 16 bits is written at once by kernels on matrices, where there is one page, and else converted. */
function target(
  tools: Tools,
  variant: AttentionVariant,
  out: WebGpuTensor,
  row: number,
  count: number,
  pages: number,
): Target {
  const place = out.place(row);
  const { start } = place;
  const floats = { shader: 'attention/out-floats', scales: [], after: [] } as const;
  if (!out.scales) return { ...floats, buffer: place, start };
  const scales = out.scales.place(row);
  if (variant.operand === 'halves' && pages === 1) {
    return { shader: 'attention/out-halves', buffer: place, start, scales: [scales], after: [] };
  }
  const attended = tools.scratch.attended.reserve(count * out.columns * BYTES.f32);
  const to = { halves: place, start, scales };
  const after = halvesOf(tools, { floats: attended, start: 0 }, to, count, out.columns);
  return { ...floats, buffer: attended, start: 0, after: [after] };
}

/**
 * The keys that queries at these positions see: the first, the one after the last, and how many pairs are computed,
 * which is all those of a tile of `tokens` positions with what any of them sees.
 */
function visible(positions: Uint32Array, window: number, tokens: number) {
  let first = Number.POSITIVE_INFINITY;
  let end = 0;
  let pairs = 0;
  for (let start = 0; start < positions.length; start += tokens) {
    const tile = positions.subarray(start, start + tokens);
    const firstSeen = Math.max(0, tile.reduce((a, b) => Math.min(a, b)) - window + 1);
    const endSeen = tile.reduce((a, b) => Math.max(a, b)) + 1;
    first = Math.min(first, firstSeen);
    end = Math.max(end, endSeen);
    pairs += tokens * (endSeen - firstSeen);
  }
  return { first, end, pairs };
}
