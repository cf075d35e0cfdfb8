/** The kernels of attention, one dispatch for each page of the cache. */
import type { Abilities, MatrixShape } from './arithmetic.js';
import type { Kernel } from './kernels.js';
import { type OperandForm, operand } from './operands.js';
import type { Dispatch, Float } from './queue.js';
import { spans, type WebGpuIndices, type WebGpuTensor } from './tensors.js';
import type { Tools } from './tools.js';

/** How many keys a query sees where there is no window; far from the end of 32-bit integers. */
const NO_WINDOW = 2 ** 30;

/** How much longer a product of attention takes than one of a linear layer: there are barriers and exponentials. */
const SLOWNESS = 2;

/** Workgroup memory that the larger tiles of attention/float.wgsl need. */
const ROOMY = 24 * 1024; // bytes

export interface AttentionShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly window: number;
}

/** A kernel with what differs between the two: how it takes queries, and how many rows a workgroup serves. */
interface Variant {
  readonly kernel: Promise<Kernel>;
  readonly tokens: number;
  readonly operand: OperandForm;
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
  const scale: Float = { float: Math.LOG2E / Math.sqrt(headDim) };
  const variant = matrixVariant(tools, cache, shape) ?? plainVariant(tools, cache, shape);
  return spans(queries, out).flatMap(({ row, count }) => {
    const seen = visible(positions.values.subarray(row, row + count), window, variant.tokens);
    const pages = spans(cache).filter((page) => page.row < seen.end && seen.first < page.row + page.count);
    const statistics = tools.scratch.statistics.reserve(count * heads * 8);
    const from = operand(tools, variant.operand, queries, row, count);
    const to = out.place(row);
    const dispatches = pages.map((page, index) => {
      const keys = cache.place(page.row);
      const end = Math.min(page.row + page.count, seen.end);
      const resumes = index > 0 ? 1 : 0;
      const ends = index === pages.length - 1 ? 1 : 0;
      return {
        kernel: variant.kernel,
        buffers: [{ buffer: positions.buffer }, to, statistics, ...from.buffers, keys],
        params: [
          ...[count, kvHeads, from.start, to.start, positions.start + row],
          ...[keys.start, page.row, end, window, resumes, ends, scale],
        ],
        workgroups: Math.ceil(count / variant.tokens) * kvHeads,
        cost: (SLOWNESS * 4 * heads * headDim * seen.pairs * (end - page.row)) / (seen.end - seen.first),
      };
    });
    return [...from.before, ...dispatches];
  });
}

function plainVariant(
  tools: Tools,
  cache: WebGpuTensor,
  { heads, kvHeads, headDim }: AttentionShape,
): Variant {
  const group = heads / kvHeads;
  const tile = tileFor(tools.abilities, headDim);
  const format = cache.dtype === 'f16' ? 'attention/cache-f16' : 'attention/cache-f32';
  const constants = { HEAD_DIM: headDim, GROUP: group, ...tile };
  return {
    kernel: tools.kernels.kernel(['attention/range', format, 'attention/float'], constants),
    tokens: Math.floor(tile.ROWS / group),
    operand: 'floats',
  };
}

/** Tiles as large as workgroup memory allows, and slices that divide the head. */
function tileFor({ workgroupBytes }: Abilities, headDim: number) {
  const [rows, values] = workgroupBytes >= ROOMY ? [64, 16] : [32, 8];
  const slice = [32, 16, 8].find((size) => headDim % size === 0 && size <= rows / 2)!;
  return { ROWS: rows, KEYS: 32, SLICE: slice, VALUES: values };
}

/** On tensor cores, for heads and groups that they can share evenly. */
function matrixVariant(tools: Tools, cache: WebGpuTensor, shape: AttentionShape): Variant | undefined {
  const { matrices, workgroupBytes } = tools.abilities;
  const { heads, kvHeads, headDim } = shape;
  const group = heads / kvHeads;
  const fits = cache.dtype === 'f16' && headDim % 32 === 0 && [1, 2, 4].includes(group);
  if (!fits || matrices?.element !== 'f16' || matrixBytes(matrices) > workgroupBytes) return undefined;
  const { M, N, K, SUBGROUP } = matrices;
  return {
    kernel: tools.kernels.kernel(['attention/range', 'attention/matrix'], {
      HEAD_DIM: headDim,
      GROUP: group,
      ...{ M, N, K, SUBGROUP },
    }),
    tokens: matrixRows(matrices) / group,
    operand: 'halves',
  };
}

/** ROWS of attention/matrix.wgsl. */
function matrixRows({ M, SUBGROUP }: MatrixShape): number {
  return 4 * Math.max(M, SUBGROUP / 2);
}

/** Its workgroup memory at most: for each row 68 floats, 72 halves, what the lanes share and a position. */
function matrixBytes(matrices: MatrixShape): number {
  return matrixRows(matrices) * (68 * 4 + 72 * 2 + 4) + matrices.SUBGROUP * 4 * 4 + 16;
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
