/** The device contract: each operation, over odd shapes, against the reference. Written once, run on every device. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relativeError } from '../../golden/values.js';
import type { Device, Epilogue, Tensor, Weight, WeightSource } from '../../src/device/device.js';
import { WEIGHT_DTYPES, type WeightDtype } from '../../src/device/dtype.js';
import { ReferenceDevice } from '../../src/device/reference/device.js';
import { TESTED_DEVICES } from '../support/devices.js';
import { failure } from '../support/failure.js';
import { random } from '../support/random.js';

const ROWS = [1, 5, 127, 128, 129];
const EPILOGUES: Epilogue[] = ['none', 'add', 'relu', 'swiglu'];

/** Values in [-1, 1), and a few far larger ones, as residual streams have. */
function values(count: number, seed: number): Float32Array {
  const { next } = random(seed);
  return Float32Array.from({ length: count }, (_, i) => (next() * 2 - 1) * (i % 97 === 0 ? 30 : 1));
}

function matrix(rows: number, columns: number, seed: number): WeightSource {
  const all = values(rows * columns, seed);
  return {
    name: `matrix ${seed}`,
    rows,
    columns,
    read: async (start, count, into) => into.set(all.subarray(start * columns, (start + count) * columns)),
  };
}

/** Makes, fills and frees the tensors of one problem. */
class Workbench {
  readonly device: Device;
  readonly #owned: { free(): void }[] = [];

  constructor(device: Device) {
    this.device = device;
  }

  weight(source: WeightSource, dtype: WeightDtype): Promise<Weight> {
    return this.device.weight(source, dtype);
  }

  tensor(rows: number, columns: number, seed?: number): Tensor {
    const tensor = this.device.tensor(rows, columns);
    this.device.write(
      tensor,
      seed === undefined ? new Float32Array(rows * columns) : values(rows * columns, seed),
    );
    this.#owned.push(tensor);
    return tensor;
  }

  operand(rows: number, columns: number): Tensor {
    const operand = this.device.operand(rows, columns);
    this.#owned.push(operand);
    return operand;
  }

  cache(rows: number, columns: number, seed: number): Tensor {
    const cache = this.device.cache(rows, columns);
    this.device.write(cache, values(rows * columns, seed));
    this.#owned.push(cache);
    return cache;
  }

  indices(rows: readonly number[]) {
    const indices = this.device.indices(rows);
    this.#owned.push(indices);
    return indices;
  }

  free(): void {
    for (const resource of this.#owned) resource.free();
  }
}

const reference = new ReferenceDevice();
const dequantizing = new ReferenceDevice({ quantizesActivations: false });
const OTHERS = TESTED_DEVICES.filter(({ name }) => name !== 'reference');
const anyDequantizes = OTHERS.some(({ dequantizes }) => dequantizes);
const devices = new Map<string, Device>();
beforeAll(async () => {
  for (const { name, open } of TESTED_DEVICES) devices.set(name, await open());
});
afterAll(async () => {
  for (const device of devices.values()) await device.dispose();
});

/** Solves a problem on every device; the results must be the reference's within `tolerance`. */
async function compare(solve: (bench: Workbench) => Promise<Tensor>, tolerance: number) {
  const solveOn = async (bench: Workbench) => {
    const result = await bench.device.read(await solve(bench));
    bench.free();
    return result;
  };
  const expected = await solveOn(new Workbench(reference));
  const dequantized = anyDequantizes ? await solveOn(new Workbench(dequantizing)) : expected;
  for (const { name, slack, dequantizes } of OTHERS) {
    const result = await solveOn(new Workbench(devices.get(name)!));
    const error = relativeError(result, dequantizes ? dequantized : expected);
    expect(error, name).toBeLessThan(Math.max(tolerance, slack));
  }
}

test('webgpu is among the devices', ({ skip }) => {
  skip(!devices.has('webgpu'), 'WebGPU finds no GPU here, so that no suite ran on it');
  expect(devices.get('webgpu')!.description).toMatch(/^WebGPU, /);
});

describe('the operations, on every device', () => {
  test.each(ROWS)('rmsNorm normalises %i rows', async (rows) => {
    await compare(async (bench) => {
      const out = bench.tensor(rows, 96);
      const pass = bench.device.pass();
      pass.rmsNorm(bench.tensor(rows, 96, 1), bench.tensor(1, 96, 2), 1e-6, out);
      await pass.submit();
      return out;
    }, 1e-6);
  });

  for (const dtype of WEIGHT_DTYPES) {
    for (const epilogue of EPILOGUES) {
      test.each(ROWS)(`linear in ${dtype} with epilogue ${epilogue} multiplies %i rows`, async (rows) => {
        await compare(async (bench) => {
          const weight = await bench.weight(matrix(208, 160, 3), dtype);
          const out = bench.tensor(rows, epilogue === 'swiglu' ? 104 : 208, 4);
          const pass = bench.device.pass();
          pass.linear(bench.tensor(rows, 160, 5), weight, out, epilogue);
          await pass.submit();
          return out;
        }, 2e-6);
      });
    }

    test.each([
      [1, 136],
      [64, 208],
      [65, 64],
      [200, 136],
    ])(`linear in ${dtype} makes of %i rows as many with %i outputs`, async (rows, outputs) => {
      await compare(async (bench) => {
        const weight = await bench.weight(matrix(outputs, 64, 23), dtype);
        const out = bench.tensor(rows, outputs);
        const pass = bench.device.pass();
        pass.linear(bench.tensor(rows, 64, 24), weight, out);
        await pass.submit();
        return out;
      }, 2e-6);
    });
  }

  for (const dtype of WEIGHT_DTYPES) {
    test.each([
      ['x', 100],
      ['x', 8],
      ['what rmsNorm hands over', 1000],
    ] as const)(
      `linear in ${dtype} multiplies %s with %i inputs, which fill no block`,
      async (from, inputs) => {
        await compare(async (bench) => {
          const weight = await bench.weight(matrix(64, inputs, 26), dtype);
          const out = bench.tensor(70, 64);
          const pass = bench.device.pass();
          const x = bench.tensor(70, inputs, 27);
          const normed = bench.operand(70, inputs);
          pass.rmsNorm(x, bench.tensor(1, inputs, 28), 1e-6, normed);
          pass.linear(from === 'x' ? x : normed, weight, out);
          await pass.submit();
          return out;
        }, 2e-6);
      },
    );
  }

  test.each(['q8', 'q4'] as const)('linear in %s adds up a block of the largest integers', async (dtype) => {
    const signs = (row: number, column: number) => [1, -1, (-1) ** column, (-1) ** (column >> 1)][row % 4]!;
    const fill = (rows: number) =>
      Float32Array.from({ length: rows * 64 }, (_, i) => signs(Math.floor(i / 64), i % 64));
    const extremes: WeightSource = {
      ...{ name: 'extremes', rows: 16, columns: 64 },
      read: async (start, count, into) => into.set(fill(16).subarray(start * 64, (start + count) * 64)),
    };
    await compare(async (bench) => {
      const [x, out] = [bench.tensor(8, 64), bench.tensor(8, 16)];
      bench.device.write(x, fill(8));
      const pass = bench.device.pass();
      pass.linear(x, await bench.weight(extremes, dtype), out);
      await pass.submit();
      return out;
    }, 1e-6);
  });

  for (const dtype of WEIGHT_DTYPES) {
    test.each(ROWS)(
      `what rmsNorm hands to linear in ${dtype} is right for %i rows, also in parts`,
      async (rows) => {
        await compare(async (bench) => {
          const weight = await bench.weight(matrix(64, 96, 23), dtype);
          const normed = bench.operand(rows + 3, 96);
          const out = bench.tensor(rows, 64);
          const pass = bench.device.pass();
          pass.rmsNorm(bench.tensor(rows + 3, 96, 24), bench.tensor(1, 96, 25), 1e-6, normed);
          pass.linear(normed.slice(3, rows), weight, out);
          await pass.submit();
          return out;
        }, 2e-6);
      },
    );
  }

  for (const headDim of [32, 64, 128]) {
    test.each(ROWS)(
      `heads of ${headDim} are made ready for %i rows, all kinds at once or each alone`,
      async (rows) => {
        const [queryWidth, kvWidth] = [4 * headDim, 4 * headDim];
        for (const wanted of ['queries', 'keysValues'] as const) {
          for (const kinds of [['queries', 'keysValues'], [wanted]]) {
            await compare(async (bench) => {
              const width = kinds.length === 2 ? queryWidth + kvWidth : queryWidth;
              const projected = bench.tensor(rows, width, 10);
              const angles = bench.tensor(rows, headDim, 12);
              const cache = bench.cache(rows + 3, kvWidth, 13);
              const queries = bench.tensor(rows, queryWidth);
              const ready = {
                queries: { norm: bench.tensor(1, headDim, 11), out: queries },
                keysValues: { norm: bench.tensor(1, headDim, 14), out: cache.slice(2, rows) },
              };
              const pass = bench.device.pass();
              pass.heads(projected, angles, 1e-6, kinds.length === 2 ? ready : { [wanted]: ready[wanted] });
              await pass.submit();
              return wanted === 'queries' ? queries : cache;
            }, 1e-6);
          }
        }
      },
    );

    test.each(ROWS)(
      `heads of ${headDim} are handed to attention, and its results to linear, for %i rows`,
      async (rows) => {
        await compare(async (bench) => {
          const weight = await bench.weight(matrix(32, 4 * headDim, 9), 'f16');
          const cache = bench.cache(rows, 2 * 2 * headDim, 13);
          const queries = bench.operand(rows, 4 * headDim);
          const attended = bench.operand(rows, 4 * headDim);
          const out = bench.tensor(rows, 32);
          const norm = bench.tensor(1, headDim);
          bench.device.write(norm, new Float32Array(headDim).fill(1));
          const pass = bench.device.pass();
          pass.heads(bench.tensor(rows, 8 * headDim, 10), bench.tensor(rows, headDim, 12), 1e-6, {
            queries: { norm, out: queries },
            keysValues: { norm, out: cache },
          });
          pass.attention(
            queries,
            cache,
            bench.indices(Array.from({ length: rows }, (_, i) => i)),
            headDim,
            attended,
          );
          pass.linear(attended, weight, out);
          await pass.submit();
          return out;
        }, 1e-5);
      },
    );

    for (const group of [1, 2, 4]) {
      test.each(ROWS)(
        `attention with ${group} heads of ${headDim} to a key-value head serves %i rows`,
        async (rows) => {
          for (const { start, window } of [
            { start: 0, window: undefined },
            { start: 70, window: undefined },
            { start: 0, window: 16 },
            { start: 70, window: 65 },
          ]) {
            await compare(async (bench) => {
              const queries = bench.tensor(rows, 2 * group * headDim, 14);
              const cache = bench.cache(start + rows, 2 * 2 * headDim, 15);
              const positions = bench.indices(Array.from({ length: rows }, (_, i) => start + i));
              const out = bench.tensor(rows, 2 * group * headDim);
              const pass = bench.device.pass();
              pass.attention(queries, cache, positions, headDim, out, window);
              await pass.submit();
              return out;
            }, 1e-5);
          }
        },
      );
    }
  }

  test('attention serves rows that are far apart', async () => {
    await compare(async (bench) => {
      const places = [0, 3, 64, 200, 201, 299];
      const out = bench.tensor(places.length, 64);
      const pass = bench.device.pass();
      const cache = bench.cache(300, 64, 17);
      pass.attention(bench.tensor(places.length, 64, 16), cache, bench.indices(places), 32, out, 80);
      await pass.submit();
      return out;
    }, 1e-5);
  });

  test.each([
    [32, 1],
    [64, 2],
    [128, 4],
  ])(
    'the weights of attention are shown, with heads of %i, %i to a key-value head',
    async (headDim, group) => {
      for (const window of [undefined, 1, 65]) {
        await compare(async (bench) => {
          const places = [0, 3, 64, 130];
          const queries = bench.tensor(places.length, 2 * group * headDim, 14);
          const out = bench.tensor(places.length * 2 * group, 131);
          const pass = bench.device.pass();
          const cache = bench.cache(140, 2 * 2 * headDim, 15);
          pass.attentionWeights(queries, cache, bench.indices(places), headDim, out, window);
          await pass.submit();
          return out;
        }, 1e-5);
      }
    },
  );

  test('copy moves keys and values between memories, also parts of them', async () => {
    await compare(async (bench) => {
      const kept = bench.cache(40, 64, 19);
      const restored = bench.cache(300, 64, 18);
      const pass = bench.device.pass();
      pass.copy(bench.cache(300, 64, 17).slice(7, 40), kept);
      pass.copy(kept.slice(1, 39), restored.slice(201, 39));
      const out = bench.tensor(2, 64);
      pass.attention(bench.tensor(2, 64, 16), restored, bench.indices([230, 299]), 32, out);
      await pass.submit();
      return out;
    }, 1e-5);
  });

  test('gather copies the rows that are asked for', async () => {
    await compare(async (bench) => {
      const out = bench.tensor(3, 36);
      const pass = bench.device.pass();
      pass.gather(bench.tensor(130, 36, 18), bench.indices([129, 0, 64]), out);
      await pass.submit();
      return out;
    }, 1e-9);
  });
});

describe.each(TESTED_DEVICES.map(({ name }) => name))('%s', (name) => {
  let device: Device;
  beforeAll(() => {
    device = devices.get(name)!;
  });

  for (const dtype of WEIGHT_DTYPES) {
    test(`linear in ${dtype} gives zero for zeros and keeps tiny values finite`, async () => {
      const weight = await device.weight(matrix(16, 64, 6), dtype);
      const bench = new Workbench(device);
      const x = bench.tensor(2, 64);
      device.write(
        x,
        Float32Array.from({ length: 128 }, (_, i) => (i < 64 ? 0 : 1e-38)),
      );
      const out = bench.tensor(2, 16, 7);
      const pass = device.pass();
      pass.linear(x, weight, out);
      await pass.submit();
      const result = await device.read(out);
      bench.free();
      expect(result.subarray(0, 16).every((value) => value === 0)).toBe(true);
      expect(result.every(Number.isFinite)).toBe(true);
    });
  }

  test.each([
    ['q8', 0.02],
    ['q4', 0.2],
  ] as const)('linear in %s stays within the error that its bits allow', async (quantized, bound) => {
    const exact = [];
    for (const dtype of ['f32', quantized] as const) {
      const bench = new Workbench(device);
      const out = bench.tensor(40, 64);
      const pass = device.pass();
      pass.linear(bench.tensor(40, 512, 8), await device.weight(matrix(64, 512, 9), dtype), out);
      await pass.submit();
      exact.push(await device.read(out));
      bench.free();
    }
    const error = relativeError(exact[1]!, exact[0]!);
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(bound);
  });

  test('a slice shares memory with its tensor', async () => {
    const bench = new Workbench(device);
    const tensor = bench.tensor(4, 8, 19);
    device.write(tensor.slice(1, 2), new Float32Array(16).fill(7));
    const result = await device.read(tensor);
    bench.free();
    expect([...result.subarray(8, 24)]).toEqual(Array(16).fill(7));
    expect([...result.subarray(24)]).toEqual([...values(32, 19).subarray(24)]);
  });

  test('a wrong shape is an error, and the device still works', async () => {
    const bench = new Workbench(device);
    const x = bench.tensor(2, 64, 20);
    const weight = await device.weight(matrix(32, 64, 21), 'f32');
    const pass = device.pass();
    const refused = failure('device-unsupported');
    expect(() => pass.linear(x, weight, bench.tensor(2, 64))).toThrow(refused);
    expect(() => pass.rmsNorm(x, bench.tensor(1, 32), 1e-6, x)).toThrow(refused);
    expect(() => x.slice(1, 2)).toThrow(refused);
    expect(() => pass.gather(x, bench.indices([2]), bench.tensor(1, 64))).toThrow(refused);
    expect(() => pass.attention(x, bench.cache(2, 128, 22), bench.indices([1, 2]), 32, x)).toThrow(refused);
    const places = bench.indices([1, 2]);
    const weights = () => pass.attentionWeights(x, bench.cache(3, 128, 22), places, 32, bench.tensor(4, 2));
    expect(weights, 'no room for the second position').toThrow(refused);
    pass.linear(x, weight, bench.tensor(2, 32));
    await pass.submit();
    bench.free();
  });

  test('weights of attention add up to one, and nothing is seen that comes after', async () => {
    const bench = new Workbench(device);
    const out = bench.tensor(2 * 2, 90);
    const pass = device.pass();
    pass.attentionWeights(
      bench.tensor(2, 64, 1),
      bench.cache(100, 128, 2),
      bench.indices([7, 80]),
      32,
      out,
      30,
    );
    await pass.submit();
    const rows = await device.read(out);
    bench.free();
    for (const [row, [first, last]] of [
      [0, 7],
      [0, 7],
      [51, 80],
      [51, 80],
    ].entries()) {
      const weights = rows.subarray(row * 90, (row + 1) * 90);
      expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      expect(weights.subarray(first, last! + 1).every((weight) => weight > 0)).toBe(true);
      expect(weights.every((weight, key) => (key >= first! && key <= last!) || weight === 0)).toBe(true);
    }
  });

  test('freed memory comes back', async () => {
    const before = device.bytes;
    const tensors = [1000, 10, 500].map((rows) => device.tensor(rows, 64));
    expect(device.bytes).toBeGreaterThan(before);
    for (const tensor of tensors) tensor.free();
    expect(device.bytes).toBe(before);
  });
});
