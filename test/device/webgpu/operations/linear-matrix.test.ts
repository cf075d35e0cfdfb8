/** Linear layers on matrix units: the larger tiles, which take many rows, and weights that f16 can't hold. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relativeError } from '../../../../golden/values.js';
import type { Device, WeightSource } from '../../../../src/device/device.js';
import type { WeightDtype } from '../../../../src/device/dtype.js';
import { ReferenceDevice } from '../../../../src/device/reference/device.js';
import { requestAdapter, supports } from '../../../../src/device/webgpu/adapter.js';
import { matrixShape } from '../../../../src/device/webgpu/arithmetic.js';
import { WebGpuDevice } from '../../../../src/device/webgpu/device.js';

const adapter = await requestAdapter().catch(() => undefined);

const hasMatrixUnits = adapter && supports(adapter, 'matrix');

describe.runIf(hasMatrixUnits)('a linear layer on matrix units', { tags: 'matrix' }, () => {
  const reference = new ReferenceDevice();
  const dequantizing = new ReferenceDevice({ quantizesActivations: false });
  let device: WebGpuDevice;
  beforeAll(async () => {
    device = await WebGpuDevice.open(await requestAdapter(), 'matrix');
  });
  afterAll(() => device.dispose());

  test.each([
    ['bf16', 1000, 996],
    ['q8', 500, 996],
    ['q4', 1000, 996],
  ] as const)(
    'in %s makes of %i rows as many with %i outputs',
    async (dtype, rows, outputs) => {
      const weight = waves(outputs, 64, 1);
      const expected = await product(dequantizing, weight, dtype, rows);
      expect(relativeError(await product(device, weight, dtype, rows), expected)).toBeLessThan(2e-3);
    },
    300_000, // a GPU in software compiles a large tile for half a minute, on a busy machine for minutes
  );

  test.each([
    ['bf16', 1e6],
    ['bf16', 1e-7],
    ['q8', 1e6],
    ['q4', 1e-7],
  ] as const)('in %s with weights up to %d computes what it does in 32 bits', async (dtype, size) => {
    const weight = waves(68, 64, size);
    const expected = await product(reference, weight, dtype, 3);
    expect(relativeError(await product(device, weight, dtype, 3), expected)).toBeLessThan(2e-6);
  });
});

describe('the matrices of a GPU', () => {
  const shape = (componentType: string, resultComponentType: string, M: number, N = M, K = M) => ({
    ...{ componentType, resultComponentType, M, N, K },
  });
  const gpu = (sizes: [number, number], shapes: object[], features: string[] = []) => {
    const [subgroupMinSize, subgroupMaxSize] = sizes;
    const info = { subgroupMinSize, subgroupMaxSize, subgroupMatrixConfigs: shapes };
    return { info, features: new Set(features) } as unknown as GPUAdapter;
  };
  const size16 = { M: 16, N: 16, K: 16 };

  test('are the largest of f16 with sums of f32', () => {
    const shapes = [shape('f16', 'f16', 16), shape('f16', 'f32', 16, 8, 8), shape('f16', 'f32', 16)];
    expect(matrixShape(gpu([32, 32], shapes))).toEqual({ ...size16, element: 'f16', SUBGROUP: 32 });
  });

  test('are of f32 where none of f16 have such sums', () => {
    const shapes = [shape('f16', 'f16', 8), shape('f32', 'f32', 8)];
    expect(matrixShape(gpu([32, 32], shapes))).toMatchObject({ element: 'f32', M: 8, SUBGROUP: 32 });
  });

  test('belong to its smallest subgroups, if their size can be fixed', () => {
    const shapes = [shape('f16', 'f32', 16)];
    expect(matrixShape(gpu([32, 64], shapes, ['subgroup-size-control']))?.SUBGROUP).toBe(32);
    expect(matrixShape(gpu([32, 64], shapes))).toBeUndefined();
  });
});

function waves(rows: number, columns: number, size: number): WeightSource {
  const values = noise(rows * columns, 3).map((value) => value * size);
  const read = async (start: number, _count: number, into: Float32Array) =>
    void into.set(values.subarray(start * columns, start * columns + into.length));
  return { name: 'waves', rows, columns, read };
}

/** Values between −1 and 1 without a pattern. */
function noise(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * (i + seed) * Math.SQRT2));
}

async function product(on: Device, source: WeightSource, dtype: WeightDtype, rows: number) {
  const weight = await on.weight(source, dtype);
  const [x, out] = [on.tensor(rows, source.columns), on.tensor(rows, source.rows)];
  on.write(x, noise(rows * source.columns, 1));
  const pass = on.pass();
  pass.linear(x, weight, out);
  await pass.submit();
  const result = await on.read(out);
  for (const resource of [weight, x, out]) resource.free();
  return result;
}
