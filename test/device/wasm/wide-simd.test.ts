/** The kernels in 256 bits against those in 128, over odd shapes: a part of V8 that is experimental compiles them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Device, Epilogue, Tensor } from '../../../src/device/device.js';
import { WEIGHT_DTYPES } from '../../../src/device/dtype.js';
import { WasmDevice } from '../../../src/device/wasm/device.js';
import { compileKernels } from '../../../src/device/wasm/kernels.js';
import { failure } from '../../support/failure.js';
import { type Random, random } from '../../support/random.js';

const EPILOGUES: readonly Epilogue[] = ['none', 'add', 'relu', 'swiglu'];

const wide = await WasmDevice.open({ threads: 2, build: 'wide' }).catch(() => undefined);

describe.runIf(wide)('in 256 bits, as in 128 to the last bit,', { tags: 'wide' }, () => {
  const devices: Device[] = [];
  beforeAll(async () => {
    devices.push(await WasmDevice.open({ threads: 1 }), wide!);
  });
  afterAll(async () => {
    for (const device of devices) await device.dispose();
  });

  /** Solves the problem of a seed on both devices. */
  async function expectSameBits(seed: number, solve: (bench: Bench, random: Random) => Promise<Tensor>) {
    const results: Uint32Array[] = [];
    for (const device of devices) {
      const bench = new Bench(device);
      const result = await device.read(await solve(bench, random(seed)));
      results.push(new Uint32Array(result.buffer));
      bench.free();
    }
    expect(results[1], `seed ${seed}`).toEqual(results[0]);
  }

  test.each(WEIGHT_DTYPES)('linear in %s multiplies', async (dtype) => {
    for (let seed = 0; seed < 40; seed++) {
      await expectSameBits(seed, async (bench, { below, pick }) => {
        const [rows, inputs, outputs] = [1 + below(130), 32 * (1 + below(12)), 8 * (1 + below(20))];
        const epilogue = pick(EPILOGUES);
        const weight = await bench.weight(outputs, inputs, seed, dtype);
        const out = bench.tensor(rows, epilogue === 'swiglu' ? outputs / 2 : outputs, 2);
        const pass = bench.device.pass();
        pass.linear(bench.tensor(rows, inputs, 1), weight, out, epilogue);
        await pass.submit();
        return out;
      });
    }
  });

  test('attention attends', async () => {
    for (let seed = 0; seed < 60; seed++) {
      await expectSameBits(seed, async (bench, { below, pick }) => {
        const [headDim, kvHeads, group] = [pick([4, 12, 32, 64, 128]), 1 + below(3), pick([1, 2, 3, 4, 7])];
        const [rows, before] = [1 + below(150), below(100)];
        const out = bench.tensor(rows, kvHeads * group * headDim);
        const cache = bench.tensor(before + rows, 2 * kvHeads * headDim, 3);
        const positions = bench.indices(Array.from({ length: rows }, (_, row) => before + row));
        const pass = bench.device.pass();
        const queries = bench.tensor(rows, kvHeads * group * headDim, 4);
        pass.attention(queries, cache, positions, headDim, out, pick([undefined, 1, 17, 64]));
        await pass.submit();
        return out;
      });
    }
  });

  test('norms and heads are made', async () => {
    for (let seed = 0; seed < 40; seed++) {
      await expectSameBits(seed, async (bench, { below, pick }) => {
        const [rows, headDim, heads] = [1 + below(50), pick([8, 24, 64, 128]), 1 + below(4)];
        const width = heads * headDim;
        const projected = bench.tensor(rows, 3 * width, 5);
        const normed = bench.tensor(rows, 3 * width);
        const [queries, cache] = [bench.tensor(rows, width), bench.tensor(rows, 2 * width)];
        const norm = bench.tensor(1, headDim, 6);
        const pass = bench.device.pass();
        pass.rmsNorm(projected, bench.tensor(1, 3 * width, 7), 1e-6, normed);
        pass.heads(normed, bench.tensor(rows, headDim, 8), 1e-6, {
          queries: { norm, out: queries },
          keysValues: { norm, out: cache },
        });
        await pass.submit();
        return pick([queries, cache]);
      });
    }
  });
});

test('without an engine that joins vectors the wide build is refused, and the best narrow one serves', async () => {
  const { LISTWISE_WIDE_SIMD } = process.env;
  process.env.LISTWISE_WIDE_SIMD = 'off';
  try {
    await expect(compileKernels('wide')).rejects.toThrow(failure('device-unsupported', /join/));
    expect((await compileKernels()).build).toBe('relaxed');
  } finally {
    if (LISTWISE_WIDE_SIMD === undefined) delete process.env.LISTWISE_WIDE_SIMD;
    else process.env.LISTWISE_WIDE_SIMD = LISTWISE_WIDE_SIMD;
  }
});

/** Makes and frees what a problem needs, the same on each device. */
class Bench {
  readonly device: Device;
  readonly #owned: { free(): void }[] = [];

  constructor(device: Device) {
    this.device = device;
  }

  tensor(rows: number, columns: number, seed?: number): Tensor {
    const tensor = this.#own(this.device.tensor(rows, columns));
    const length = rows * columns;
    this.device.write(tensor, seed === undefined ? new Float32Array(length) : values(length, seed));
    return tensor;
  }

  indices(rows: readonly number[]) {
    return this.#own(this.device.indices(rows));
  }

  async weight(outputs: number, inputs: number, seed: number, dtype: (typeof WEIGHT_DTYPES)[number]) {
    const all = values(outputs * inputs, 100 + seed);
    const read = async (start: number, count: number, into: Float32Array) =>
      into.set(all.subarray(start * inputs, (start + count) * inputs));
    return this.#own(
      await this.device.weight({ name: 'weight', rows: outputs, columns: inputs, read }, dtype),
    );
  }

  free(): void {
    for (const each of this.#owned) each.free();
  }

  #own<T extends { free(): void }>(each: T): T {
    this.#owned.push(each);
    return each;
  }
}

/** Between −1 and 1, some far larger. */
function values(count: number, seed: number): Float32Array {
  const { next } = random(seed);
  return Float32Array.from({ length: count }, (_, i) => (next() * 2 - 1) * (i % 97 === 0 ? 30 : 1));
}
