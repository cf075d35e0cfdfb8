/** Guards that are the same for every device: a wrong shape never reaches a kernel. */
import { ListwiseError } from '../error.js';
import type { Epilogue, Indices, ReadyHeads, Tensor, Weight } from './device.js';

function expect(
  holds: boolean,
  operation: string,
  expected: string,
  ...got: { rows?: number; columns?: number }[]
) {
  if (holds) return;
  const shapes = got.map(({ rows, columns }) => `[${rows}, ${columns}]`).join(', ');
  throw new ListwiseError('device-unsupported', `${operation}: expected ${expected}, got ${shapes}.`);
}

/** Throws `device-unsupported` for a slice that reaches outside its tensor. */
export function checkSlice(start: number, count: number, rows: number): void {
  if (start >= 0 && count >= 0 && start + count <= rows) return;
  const asked = `rows ${start} to ${start + count}`;
  throw new ListwiseError('device-unsupported', `slice: expected rows within 0 to ${rows}, got ${asked}.`);
}

/** Throws `device-unsupported` if `largest`, a magnitude in the weight `name`, is beyond what the device may hold in f16. */
export function checkF16(name: string, largest: number, limit: number): void {
  if (largest <= limit) return;
  throw new ListwiseError(
    'device-unsupported',
    `${name} has a weight of ${largest}, beyond the ${limit} that f16 may hold here.`,
    { hint: 'Load the model with dtype bf16 or f32.' },
  );
}

/** One index for each of `count` rows, each below `limit`. */
function selects({ values }: Indices, count: number, limit: number): boolean {
  return values.length === count && values.every((value) => value < limit);
}

export function checkRmsNorm(x: Tensor, weight: Tensor, out: Tensor): void {
  const same = x.rows === out.rows && x.columns === out.columns;
  expect(
    same && weight.rows === 1 && weight.columns === x.columns,
    'rmsNorm',
    'x, weight of one row, out like x',
    x,
    weight,
    out,
  );
}

export function checkLinear(x: Tensor, weight: Weight, out: Tensor, epilogue: Epilogue): void {
  const columns = epilogue === 'swiglu' ? weight.rows / 2 : weight.rows;
  const fits = x.columns === weight.columns && out.rows === x.rows && out.columns === columns;
  expect(fits, `linear (${epilogue})`, 'x [tokens, in], weight [out, in], out [tokens, out]', x, weight, out);
}

export function checkHeads(projected: Tensor, angles: Tensor, { queries, keysValues }: ReadyHeads): void {
  const kinds = [queries, keysValues].filter((kind) => kind !== undefined);
  const headDim = angles.columns;
  const columns = kinds.reduce((sum, { out }) => sum + out.columns, 0);
  const rows = [projected, ...kinds.map(({ out }) => out)].every((tensor) => tensor.rows === angles.rows);
  const norms = kinds.every(({ norm }) => norm.rows === 1 && norm.columns === headDim);
  const whole = [queries?.out.columns ?? 0, (keysValues?.out.columns ?? 0) / 2].every(
    (width) => width % headDim === 0,
  );
  expect(
    kinds.length > 0 && rows && norms && whole && headDim % 2 === 0 && columns === projected.columns,
    'heads',
    'projected, angles [tokens, headDim], norms [1, headDim], and heads of all of projected',
    projected,
    angles,
    ...kinds.flatMap(({ norm, out }) => [norm, out]),
  );
}

/** Whether queries and cache hold whole heads, and as many query heads to each key-value head. */
function wholeHeads(queries: Tensor, cache: Tensor, headDim: number): boolean {
  const heads = queries.columns / headDim;
  const kvHeads = cache.columns / (2 * headDim);
  return [heads, kvHeads, heads / kvHeads].every(Number.isInteger);
}

export function checkAttention(
  queries: Tensor,
  cache: Tensor,
  positions: Indices,
  headDim: number,
  out: Tensor,
): void {
  const same = out.rows === queries.rows && out.columns === queries.columns;
  expect(
    wholeHeads(queries, cache, headDim) && same && selects(positions, queries.rows, cache.rows),
    'attention',
    `queries in heads of ${headDim}, cache that holds each position, out like queries`,
    queries,
    cache,
    out,
  );
}

export function checkAttentionWeights(
  queries: Tensor,
  cache: Tensor,
  positions: Indices,
  headDim: number,
  out: Tensor,
): void {
  const keys = Math.min(cache.rows, out.columns);
  expect(
    wholeHeads(queries, cache, headDim) &&
      out.rows * headDim === queries.rows * queries.columns &&
      selects(positions, queries.rows, keys),
    'attentionWeights',
    `queries in heads of ${headDim}, cache, out [rows·heads, keys] with keys that hold each position`,
    queries,
    cache,
    out,
  );
}

export function checkGather(x: Tensor, rows: Indices, out: Tensor): void {
  const fits = x.columns === out.columns && selects(rows, out.rows, x.rows);
  expect(fits, 'gather', 'x, rows of x, as many rows of out', x, out);
}

export function checkCopy(x: Tensor, out: Tensor): void {
  expect(x.rows === out.rows && x.columns === out.columns, 'copy', 'x, out like x', x, out);
}
