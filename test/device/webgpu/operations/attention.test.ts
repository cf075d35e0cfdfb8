/** Attention where its tiles matter: many of them, maxima that rise, pages' ends, heads that fill no tile. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { relativeError } from '../../../../golden/values.js';
import type { Device } from '../../../../src/device/device.js';
import { ReferenceDevice } from '../../../../src/device/reference/device.js';
import { requestAdapter } from '../../../../src/device/webgpu/adapter.js';
import { WebGpuDevice } from '../../../../src/device/webgpu/device.js';
import { TESTED_DEVICES } from '../../../support/devices.js';
import { random } from '../../../support/random.js';
import { stubGpu } from '../../../support/unlucky-gpu.js';

const GPUS = TESTED_DEVICES.filter(({ name }) => name.startsWith('webgpu'));

interface Problem {
  readonly rows: number;
  /** Keys before those of the rows. */
  readonly before: number;
  readonly kvHeads: number;
  readonly group: number;
  readonly headDim: number;
  readonly queries: Float32Array; // [rows, kvHeads · group · headDim]
  readonly cache: Float32Array; // [keys and more, 2 · kvHeads · headDim]
  readonly window?: number;
}

function noise(count: number, seed: number): Float32Array {
  const { next } = random(seed);
  return Float32Array.from({ length: count }, () => next() * 2 - 1);
}

/** A problem of random values. */
function problem(shape: Omit<Problem, 'queries' | 'cache'>): Problem {
  const { rows, before, kvHeads, group, headDim } = shape;
  return {
    ...shape,
    queries: noise(rows * kvHeads * group * headDim, 1),
    cache: noise((before + rows) * 2 * kvHeads * headDim, 2),
  };
}

/** The same with scores that grow by `step` from key to key, whatever the query. */
function rising(shape: Omit<Problem, 'queries' | 'cache'>, step: number): Problem {
  const made = problem(shape);
  const { headDim, kvHeads } = shape;
  made.queries.fill(0);
  for (let i = 0; i < made.queries.length; i += headDim) made.queries[i] = Math.sqrt(headDim);
  const width = 2 * kvHeads * headDim;
  for (let key = 0; key * width < made.cache.length; key++) {
    for (let head = 0; head < kvHeads; head++) made.cache[key * width + head * headDim] = key * step;
  }
  return made;
}

async function solve(device: Device, problem: Problem): Promise<Float32Array> {
  const { rows, before, kvHeads, group, headDim, window } = problem;
  const [width, keyWidth] = [kvHeads * group * headDim, 2 * kvHeads * headDim];
  const [queries, out] = [device.tensor(rows, width), device.tensor(rows, width)];
  const cache = device.cache(problem.cache.length / keyWidth, keyWidth);
  const positions = device.indices(Array.from({ length: rows }, (_, i) => before + i));
  device.write(queries, problem.queries);
  device.write(cache, problem.cache);
  const pass = device.pass();
  pass.attention(queries, cache.slice(0, before + rows), positions, headDim, out, window);
  await pass.submit();
  const result = await device.read(out);
  for (const owned of [queries, out, cache, positions]) owned.free();
  return result;
}

describe.each(GPUS.map((gpu) => [gpu.name, gpu] as const))('attention on %s', (_, { open, slack }) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device.dispose());

  async function expectReference(problem: Problem): Promise<void> {
    const expected = await solve(new ReferenceDevice(), problem);
    expect(relativeError(await solve(device, problem), expected)).toBeLessThan(Math.max(1e-5, slack));
  }

  const usual = { rows: 200, before: 150, kvHeads: 1, group: 2, headDim: 64 };

  test('serves 200 rows with 150 keys before them', async () => {
    await expectReference(problem(usual));
    await expectReference(problem({ ...usual, window: 70 }));
  });

  test.each([0.125, 3, 20])('follows scores that grow by %d from key to key', async (step) => {
    await expectReference(rising({ ...usual, rows: 70, before: 40 }, step));
  });

  test('sees nothing of what lies past the last key', async () => {
    const shape = { ...usual, rows: 5, before: 30 };
    const made = problem(shape);
    const cache = new Float32Array(made.cache.length + 70 * 128).fill(Number.NaN);
    cache.set(made.cache);
    await expectReference({ ...made, cache });
  });

  test.each([
    { group: 3, headDim: 40 },
    { group: 8, headDim: 96 },
  ])('serves $group heads of $headDim to a key-value head', async ({ group, headDim }) => {
    await expectReference(problem({ rows: 40, before: 7, kvHeads: 2, group, headDim }));
  });
});

test.runIf(GPUS.length > 0)(
  'attention serves where workgroups have 16 KiB of memory',
  { tags: 'gpu' },
  async () => {
    await stubGpu({ limits: { maxComputeWorkgroupStorageSize: 16 * 1024 } });
    const device = await WebGpuDevice.open(await requestAdapter(), 'f32');
    vi.unstubAllGlobals();
    const made = problem({ rows: 40, before: 70, kvHeads: 1, group: 2, headDim: 64 });
    const expected = await solve(new ReferenceDevice(), made);
    expect(relativeError(await solve(device, made), expected)).toBeLessThan(1e-5);
    await device.dispose();
  },
);
