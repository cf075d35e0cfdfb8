/** How fast the GPU multiplies and attends: the model's own shapes, one operation at a time. */
import { fill, SyntheticStore } from '../../golden/synthetic.js';
import type { Device } from '../../src/device/device.js';
import type { WeightDtype } from '../../src/device/dtype.js';
import type { ProductShape, Size } from './sizes.js';
import { Stopwatch } from './stopwatch.js';

const HEADS = 16;
const KV_HEADS = 8;
const HEAD_DIM = 128;

/** How long one operation took, and how fast that is. */
export interface Speed {
  readonly milliseconds: number;
  readonly teraflops: number;
}

/** x·Wᵀ for W of a shape and dtype, at each number of rows. */
export async function* timeProduct(
  device: Device,
  { name, inputs, outputs, epilogue }: ProductShape,
  dtype: WeightDtype,
  size: Size,
): AsyncGenerator<Speed & { rows: number }> {
  const stopwatch = new Stopwatch(device);
  const weight = await device.weight(new SyntheticStore().matrix(name, outputs, inputs), dtype);
  for (const rows of size.rows) {
    const x = device.tensor(rows, inputs);
    const out = device.tensor(rows, epilogue === 'swiglu' ? outputs / 2 : outputs);
    device.write(x, values('rows', rows, inputs));
    const milliseconds = await stopwatch.time((pass) => pass.linear(x, weight, out, epilogue));
    yield { rows, ...speed(2 * rows * inputs * outputs, milliseconds) };
    x.free();
    out.free();
  }
  weight.free();
}

/** Causal attention of the last tokens to all, at each length of the cache. */
export async function* timeAttention(device: Device, size: Size): AsyncGenerator<Speed & { keys: number }> {
  const { queries: count } = size;
  const stopwatch = new Stopwatch(device);
  const queries = device.tensor(count, HEADS * HEAD_DIM);
  const out = device.tensor(count, HEADS * HEAD_DIM);
  device.write(queries, values('queries', count, queries.columns));
  for (const keys of size.keys) {
    const cache = await filledCache(device, keys, count);
    const first = keys - count;
    const positions = device.indices(Array.from({ length: count }, (_, i) => first + i));
    const milliseconds = await stopwatch.time((pass) =>
      pass.attention(queries, cache, positions, HEAD_DIM, out),
    );
    const pairs = count * first + (count * (count + 1)) / 2;
    yield { keys, ...speed(4 * HEADS * HEAD_DIM * pairs, milliseconds) };
    cache.free();
    positions.free();
  }
}

/** Keys and values as the model writes them, the same for every `step` tokens. */
async function filledCache(device: Device, tokens: number, step: number) {
  const width = 2 * KV_HEADS * HEAD_DIM;
  const cache = device.cache(tokens, width);
  const projected = device.tensor(step, width);
  const norm = device.tensor(1, HEAD_DIM);
  const angles = device.tensor(step, HEAD_DIM);
  device.write(projected, values('keys and values', step, width));
  device.write(norm, values('norm', 1, HEAD_DIM));
  device.write(angles, values('angles', step, HEAD_DIM));
  for (let start = 0; start < tokens; start += step) {
    const pass = device.pass();
    const count = Math.min(step, tokens - start);
    pass.heads(projected.slice(0, count), angles.slice(0, count), 1e-6, {
      keysValues: { norm, out: cache.slice(start, count) },
    });
    await pass.submit();
  }
  for (const tensor of [projected, norm, angles]) tensor.free();
  return cache;
}

function speed(operations: number, milliseconds: number): Speed {
  return { milliseconds, teraflops: operations / milliseconds / 1e9 };
}

function values(name: string, rows: number, columns: number): Float32Array {
  const result = new Float32Array(rows * columns);
  fill(name, columns, 0, result);
  return result;
}
