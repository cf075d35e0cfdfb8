/** A weight rests on every device as it does on the reference, to the bit. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Device, WeightSource } from '../../src/device/device.js';
import { WEIGHT_DTYPES, type WeightDtype } from '../../src/device/dtype.js';
import { ReferenceDevice } from '../../src/device/reference/device.js';
import { TESTED_DEVICES } from '../support/devices.js';
import { failure } from '../support/failure.js';

const ROWS = 8;
const COLUMNS = 64;

/** With this activation quantised products are exact too: its block's scale is 1. */
const ACTIVATION = 127;

function source(values: Float32Array): WeightSource {
  const read = async (start: number, _count: number, into: Float32Array) => {
    into.set(values.subarray(start * COLUMNS, start * COLUMNS + into.length));
  };
  return { name: 'the weight', rows: values.length / COLUMNS, columns: COLUMNS, read };
}

/** The weight's values, 127-fold: its products with one input after the other. Nothing is added to them. */
async function atRest(device: Device, values: Float32Array, dtype: WeightDtype): Promise<Float32Array> {
  const weight = await device.weight(source(values), dtype);
  const x = device.tensor(COLUMNS, COLUMNS);
  const out = device.tensor(COLUMNS, weight.rows);
  device.write(
    x,
    Float32Array.from({ length: COLUMNS ** 2 }, (_, i) => (i % (COLUMNS + 1) === 0 ? ACTIVATION : 0)),
  );
  const pass = device.pass();
  pass.linear(x, weight, out);
  await pass.submit();
  const columns = await device.read(out);
  for (const resource of [weight, x, out]) resource.free();
  return columns;
}

/** Finite in f16, and large enough that no GPU takes them for zero. */
const likeWeights = fc.oneof(
  fc.constant(0),
  fc.float({ noNaN: true, min: Math.fround(2 ** -24), max: 250 }),
  fc.float({ noNaN: true, min: -250, max: Math.fround(-(2 ** -24)) }),
  fc.float({ noNaN: true, min: Math.fround(-0.1), max: Math.fround(0.1) }).filter((x) => Math.abs(x) > 1e-9),
);
const matrices = fc
  .array(likeWeights, { minLength: ROWS * COLUMNS, maxLength: ROWS * COLUMNS })
  .map((values) => Float32Array.from(values));

/** −0 and 0 are one: a sum begins with 0. */
const plain = (values: Float32Array) => values.map((value) => value + 0);

const reference = new ReferenceDevice();

describe.each(TESTED_DEVICES.filter(({ slack }) => slack === 0))('$name', ({ open }) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device.dispose());

  test.each(WEIGHT_DTYPES)('%s', async (dtype) => {
    await fc.assert(
      fc.asyncProperty(matrices, async (values) => {
        const got = await atRest(device, values, dtype);
        expect(plain(got)).toEqual(plain(await atRest(reference, values, dtype)));
      }),
      { numRuns: device.kind === 'webgpu' ? 3 : 30 },
    );
  });

  test('a weight that f16 can not hold is an error, and bf16 holds it', async () => {
    const values = new Float32Array(ROWS * COLUMNS).fill(0.5);
    values[77] = 70_000;
    await expect(device.weight(source(values), 'f16')).rejects.toThrow(
      failure('device-unsupported', /the weight has a weight of 70000/),
    );
    const got = await atRest(device, values, 'bf16');
    expect(got[13 * ROWS + 1]).toBe(ACTIVATION * 70_144);
  });
});

test('every f16 and bf16 comes through the kernels of the CPU, subnormals too', async () => {
  const device = await TESTED_DEVICES.find(({ name }) => name.startsWith('wasm'))!.open();
  const finite = (limit: number) => Uint16Array.from({ length: 65_536 }, (_, half) => half & limit);
  const f16 = finite(0xfbff); // an exponent less where it is the largest
  const bf16 = finite(0xff7f);
  const asF32 = new Float32Array(Uint32Array.from(bf16, (half) => half << 16).buffer);
  const asF16 = Float32Array.from(f16, (half) => {
    const [exponent, fraction] = [(half >> 10) & 0x1f, half & 0x3ff];
    const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
    return half & 0x8000 ? -magnitude : magnitude;
  });
  for (const [dtype, values] of [
    ['f16', asF16],
    ['bf16', asF32.map((x) => x / 127)],
  ] as const) {
    const got = await atRest(device, values, dtype);
    expect(plain(got)).toEqual(plain(await atRest(reference, values, dtype)));
  }
  await device.dispose();
});
