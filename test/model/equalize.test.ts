import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WeightSource } from '../../src/device/device.js';
import { columnScales, withoutScales } from '../../src/model/equalize.js';

function matrix(
  rows: number,
  columns: number,
  valueAt: (row: number, column: number) => number,
): WeightSource {
  return {
    ...{ name: 'matrix', rows, columns },
    read: async (start, count, into) => {
      for (let i = 0; i < count * columns; i++)
        into[i] = valueAt(start + Math.floor(i / columns), i % columns);
    },
  };
}

const sign = (row: number, column: number) => (((row * 7 + column * 3) % 5) - 2) / 2;

test('columns come to one size by powers of two', async () => {
  const sizes = [1, 1, 64, 1, 1 / 16, 1, 1, 1.3];
  const source = matrix(40, 8, (row, column) => (row % 2 === 0 ? 1 : -1) * sizes[column]!);
  const scales = await columnScales([source]);
  expect([...scales]).toEqual([1, 1, 64, 1, 1 / 16, 1, 1, 1]);
  const row = new Float32Array(8);
  await withoutScales(source, scales).read(1, 1, row);
  expect([...row]).toEqual([-1, -1, -1, -1, -1, -1, -1, Math.fround(-1.3)]);
});

test('matrices that one norm feeds are scaled as one', async () => {
  const large = matrix(4, 4, (_, column) => (column === 0 ? 100 : 1));
  const plain = matrix(300, 4, () => 1);
  const scales = await columnScales([large, plain]);
  expect(scales[0]).toBeGreaterThan(1);
  expect([...scales.slice(1)]).toEqual([1, 1, 1]);
});

test('columns of zeros, and matrices of nothing else, stay as they are', async () => {
  expect([...(await columnScales([matrix(4, 3, (_, column) => (column === 1 ? 0 : 1))]))]).toEqual([1, 1, 1]);
  expect([...(await columnScales([matrix(4, 3, () => 0)]))]).toEqual([1, 1, 1]);
});

test('what the norm takes on gives the same products to the last bit', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.float({ min: Math.fround(1e-3), max: 1e3, noNaN: true }), { minLength: 4, maxLength: 4 }),
      async (sizes) => {
        const source = matrix(6, 4, (row, column) => Math.fround((1 + sign(row, column)) * sizes[column]!));
        const scales = await columnScales([source]);
        const [before, after] = [new Float32Array(24), new Float32Array(24)];
        await source.read(0, 6, before);
        await withoutScales(source, scales).read(0, 6, after);
        for (const [i, value] of before.entries()) expect(after[i]! * scales[i % 4]!).toBe(value);
      },
    ),
  );
});
