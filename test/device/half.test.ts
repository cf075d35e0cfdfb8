/** Rounding to 16 bits, over every half there is and between any two neighbours. */
import { expect, test } from 'vitest';
import { bf16FromBits, bitsOf, f16FromBits, fromF16 } from '../../src/device/half.js';

const bits = (value: number) => bitsOf(Float32Array.of(value))[0]!;
const FINITE_HALVES = Array.from({ length: 0x7c00 }, (_, half) => half);

test('every finite f16 is itself again', () => {
  for (const half of FINITE_HALVES) {
    expect(f16FromBits(bits(fromF16(half)))).toBe(half);
    expect(f16FromBits(bits(-fromF16(half)))).toBe(half | 0x8000);
  }
});

test('between two neighbours the nearer one is taken, and half-way the even one', () => {
  for (const half of FINITE_HALVES.slice(0, -1)) {
    const [low, high] = [fromF16(half), fromF16(half + 1)];
    const middle = (low + high) / 2;
    expect(f16FromBits(bits(middle))).toBe(half + (half % 2));
    expect(f16FromBits(bits(middle) - 1)).toBe(half);
    expect(f16FromBits(bits(middle) + 1)).toBe(half + 1);
  }
});

test('what is too large for f16 becomes infinity, and NaN stays NaN', () => {
  expect(f16FromBits(bits(65_519))).toBe(0x7bff);
  expect(f16FromBits(bits(65_520))).toBe(0x7c00);
  expect(f16FromBits(bits(-Infinity))).toBe(0xfc00);
  expect(fromF16(f16FromBits(bits(Number.NaN)))).toBeNaN();
});

test('bf16 takes the nearer neighbour, and half-way the even one', () => {
  expect(bf16FromBits(0x3f80_8000)).toBe(0x3f80);
  expect(bf16FromBits(0x3f81_8000)).toBe(0x3f82);
  expect(bf16FromBits(0x3f80_8001)).toBe(0x3f81);
  expect(bf16FromBits(0xbf80_7fff)).toBe(0xbf80);
});
