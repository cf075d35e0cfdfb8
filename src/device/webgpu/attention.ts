/** The kernels of attention, one dispatch for each page of the cache. */
import type { Dispatch } from './queue.js';
import { spans, type WebGpuIndices, type WebGpuTensor } from './tensors.js';
import type { Tools } from './tools.js';

/** How many keys a query sees where there is no window; far from the end of 32-bit integers. */
const NO_WINDOW = 2 ** 30;

/** Workgroup memory that the larger tiles need. */
const ROOMY = 24 * 1024; // bytes

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
  const group = heads / kvHeads;
  const tile = tileFor(tools, headDim);
  const kernel = tools.kernels.kernel([cache.dtype === 'f16' ? 'cache-f16' : 'cache-f32', 'attention'], {
    HEAD_DIM: headDim,
    GROUP: group,
    ...tile,
  });
  const scale = { float: Math.LOG2E / Math.sqrt(headDim) };
  return spans(queries, out).flatMap(({ row, count }) => {
    const seen = visible(positions.values.subarray(row, row + count), window);
    const pages = spans(cache).filter((page) => page.row < seen.end && seen.first < page.row + page.count);
    const statistics = tools.scratch.statistics.reserve(count * heads * 8);
    return pages.map((page, index) => {
      const from = queries.place(row);
      const to = out.place(row);
      const keys = cache.place(page.row);
      const end = Math.min(page.row + page.count, seen.end);
      return {
        kernel,
        buffers: [from, keys, { buffer: positions.buffer }, to, statistics],
        params: [
          count,
          kvHeads,
          from.start,
          to.start,
          positions.start + row,
          keys.start,
          page.row,
          end,
          window,
          index > 0 ? 1 : 0,
          index === pages.length - 1 ? 1 : 0,
          scale,
        ],
        workgroups: Math.ceil(count / Math.floor(tile.ROWS / group)) * kvHeads,
        cost: 4 * heads * headDim * seen.pairs * ((end - page.row) / (seen.end - seen.first)),
      };
    });
  });
}

/** Tiles as large as workgroup memory allows, and slices that divide the head. */
function tileFor({ workgroupBytes }: Tools, headDim: number) {
  const [rows, values] = workgroupBytes >= ROOMY ? [64, 16] : [32, 8];
  const slice = [32, 16, 8].find((size) => headDim % size === 0 && size <= rows / 2)!;
  return { ROWS: rows, KEYS: 32, SLICE: slice, VALUES: values };
}

/** The keys that queries at these positions see: the first, the one after the last, and how many pairs there are. */
function visible(positions: Uint32Array, window: number): { first: number; end: number; pairs: number } {
  let first = Number.POSITIVE_INFINITY;
  let end = 0;
  let pairs = 0;
  for (const position of positions) {
    const start = Math.max(0, position - window + 1);
    first = Math.min(first, start);
    end = Math.max(end, position + 1);
    pairs += position + 1 - start;
  }
  return { first, end, pairs };
}
