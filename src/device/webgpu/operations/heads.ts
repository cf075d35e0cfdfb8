/** Heads, ready for attention: queries, keys and values in one dispatch. */
import type { ReadyHeads, Tensor } from '../../device.js';
import { ownTensor, spans } from '../memory/tensors.js';
import { COST_OF_VALUE, type Dispatch } from '../queue/queue.js';
import type { Tools } from '../tools.js';

/** Threads of rows/heads.wgsl's workgroups, each with eight values of a head. */
const THREADS = 64;

export function heads(
  { kernels, scratch }: Tools,
  projected: Tensor,
  angles: Tensor,
  epsilon: number,
  { queries, keysValues }: ReadyHeads,
): Dispatch[] {
  const headDim = angles.columns;
  const [from, turns] = [ownTensor(projected), ownTensor(angles)];
  const [toQueries, toCache] = [queries, keysValues].map((kind) => kind && ownTensor(kind.out));
  const queryHeads = (toQueries?.columns ?? 0) / headDim;
  const keyHeads = (toCache?.columns ?? 0) / (2 * headDim);
  const queryNorm = ownTensor((queries ?? keysValues)!.norm).place(0);
  const keyNorm = ownTensor((keysValues ?? queries)!.norm).place(0);
  const kernel = kernels.kernel(
    [
      toCache?.dtype === 'f16' || toQueries?.scales ? 'attention/cache-f16' : 'attention/cache-f32',
      toQueries?.scales ? 'rows/queries-halves' : 'rows/queries-floats',
      'rows/heads',
    ],
    { HEAD_DIM: headDim },
  );
  const nothing = scratch.nothing.reserve(1); // bound in place of what is left out, and not written to
  const tensors = [from, turns, toQueries, toCache].filter((tensor) => tensor !== undefined);
  return spans(...tensors).map(({ row, count }) => {
    const [source, angle] = [from.place(row), turns.place(row)];
    const [query, cache] = [toQueries?.place(row), toCache?.place(row)];
    const scales = toQueries?.scales ? [toQueries.scales.place(row)] : [];
    const total = (count * from.columns) / headDim;
    return {
      kernel,
      buffers: [source, angle, queryNorm, keyNorm, cache ?? nothing, query ?? nothing, ...scales],
      params: [
        ...[total, queryHeads, keyHeads],
        ...[source.start, angle.start, query?.start ?? 0, cache?.start ?? 0, { float: epsilon }],
      ],
      workgroups: Math.ceil(total / Math.floor((THREADS * 8) / headDim)),
      cost: count * from.columns * COST_OF_VALUE,
    };
  });
}
