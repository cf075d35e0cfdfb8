/** The angles of rotary position embeddings, kept or not. */
import { expect, test } from 'vitest';
import { RotaryAngles } from '../../src/model/rotary.js';

const shape = { headDim: 8, ropeTheta: 1e6 };

test('each row holds the cosines, then the sines, of its position’s angles', () => {
  const [row] = [new RotaryAngles(shape).at(131_071, 1)];
  for (let i = 0; i < 4; i++) {
    const angle = 131_071 * 1e6 ** ((-2 * i) / 8);
    expect(row[i]).toBe(Math.fround(Math.cos(angle)));
    expect(row[4 + i]).toBe(Math.fround(Math.sin(angle)));
  }
});

test('those of any positions are the same in whatever order they are asked for', () => {
  const rotary = new RotaryAngles(shape);
  for (const [start, count] of [
    [5, 3],
    [0, 10],
    [9, 500],
    [16_380, 8],
    [20_000, 2],
    [100, 400],
    [3, 0],
  ] as const) {
    expect(rotary.at(start, count)).toEqual(new RotaryAngles(shape).at(start, count));
    expect(rotary.at(start, count)).toHaveLength(8 * count);
  }
});
