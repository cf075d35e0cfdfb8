/** Linear layers on the GPU: what no other device has. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relativeError } from '../../../../golden/values.js';
import type { Device } from '../../../../src/device/device.js';
import { WEIGHT_DTYPES } from '../../../../src/device/dtype.js';
import { ReferenceDevice } from '../../../../src/device/reference/device.js';
import { requestAdapter, supports } from '../../../../src/device/webgpu/adapter.js';
import { ARITHMETICS } from '../../../../src/device/webgpu/arithmetic.js';
import { WebGpuDevice } from '../../../../src/device/webgpu/device.js';
import { failure } from '../../../support/failure.js';

const adapter = await requestAdapter().catch(() => undefined);
const arithmetics = ARITHMETICS.filter((each) => adapter && supports(adapter, each));

describe.each(arithmetics)('a linear layer on the GPU, arithmetic %s', (arithmetic) => {
  const reference = new ReferenceDevice({ quantizesActivations: arithmetic !== 'matrix' });
  let device: WebGpuDevice;
  beforeAll(async () => {
    device = await WebGpuDevice.open(await requestAdapter(), arithmetic);
  });
  afterAll(() => device.dispose());

  test.each(WEIGHT_DTYPES)(
    'in %s adds to 132 outputs, half of a vector of eight past the last tile',
    async (dtype) => {
      const [expected, got] = [await added(reference), await added(device)];
      expect(relativeError(got, expected)).toBeLessThan(arithmetic === 'f32' ? 2e-6 : 2e-3);

      async function added(on: Device): Promise<Float32Array> {
        const source = matrix(132, 96);
        const weight = await on.weight(source, dtype);
        const [x, out] = [on.tensor(203, 96), on.tensor(203, 132)];
        on.write(x, waves(203 * 96, 1));
        on.write(out, waves(203 * 132, 2));
        const pass = on.pass();
        pass.linear(x.slice(3, 200), weight, out.slice(1, 200), 'add');
        await pass.submit();
        const result = await on.read(out);
        for (const resource of [weight, x, out]) resource.free();
        return result;
      }
    },
  );

  test('with SwiGLU refuses outputs of which half a vector would be left', async () => {
    const weight = await device.weight(matrix(12, 32), 'f32');
    const [x, out] = [device.tensor(1, 32), device.tensor(1, 6)];
    expect(() => device.pass().linear(x, weight, out, 'swiglu')).toThrow(failure('device-unsupported'));
    for (const resource of [weight, x, out]) resource.free();
  });
});

describe.runIf(adapter)('the ways to multiply integers', { tags: 'gpu' }, () => {
  test.each(['q8', 'q4'] as const)('give the same bits in %s', async (dtype) => {
    const results: Float32Array[] = [];
    for (const hasDot4 of [true, false]) {
      const device = await WebGpuDevice.open({ ...(await requestAdapter()), hasDot4 }, 'f32');
      const weight = await device.weight(matrix(136, 160), dtype);
      const [x, out] = [device.tensor(70, 160), device.tensor(70, 136)];
      device.write(x, waves(70 * 160, 4));
      const pass = device.pass();
      pass.linear(x, weight, out);
      await pass.submit();
      results.push(await device.read(out));
      await device.dispose();
    }
    expect(results[0]).toEqual(results[1]);
  });
});

/** Values between −1 and 1 without a pattern. */
function waves(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * (i + seed) * Math.SQRT2));
}

function matrix(rows: number, columns: number) {
  const values = waves(rows * columns, 3);
  const read = async (start: number, _count: number, into: Float32Array) =>
    void into.set(values.subarray(start * columns, start * columns + into.length));
  return { name: 'waves', rows, columns, read };
}
