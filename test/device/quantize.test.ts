/** Blocks of 4-bit and 8-bit integers, whatever the values. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK, quantizeQ4, quantizeQ8, ZERO_POINT } from '../../src/device/quantize.js';

const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true });
const likeWeights = fc.float({ noNaN: true, min: -1, max: 1 });
const blocks = fc
  .oneof(...[anyFloat, likeWeights].map((value) => fc.array(value, { minLength: 1, maxLength: BLOCK })))
  .map((values) => Float32Array.from(values));

/** A block below this becomes zero. */
const TINY = 1e-30;

function unpackedQ4(values: Float32Array) {
  const integers = new Int8Array(values.length);
  const packed = quantizeQ4(values, 0, values.length, integers);
  const zero = packed & ZERO_POINT;
  const scale = new Float32Array(Uint32Array.of(packed - zero).buffer)[0]!;
  return { integers, zero, scale };
}

test('q4: every value is within half a step of its integer, and within one where that is the largest', () => {
  fc.assert(
    fc.property(blocks, (values) => {
      const { integers, zero, scale } = unpackedQ4(values);
      expect(integers.every((q) => q >= 0 && q <= 15)).toBe(true);
      values.forEach((value, i) => {
        const error = Math.abs(value - scale * (integers[i]! - zero));
        const steps = integers[i] === 15 ? 1.001 : 0.501;
        expect(error).toBeLessThanOrEqual(Math.max(scale * steps, TINY));
      });
    }),
    { numRuns: 2000 },
  );
});

test('q4: zero stays zero, and a block of one sign has all 15 steps on its side', () => {
  fc.assert(
    fc.property(blocks, fc.constantFrom(1, -1), (values, sign) => {
      const oneSided = values.map((value) => sign * Math.abs(value));
      oneSided[0] = 0;
      const { integers, zero, scale } = unpackedQ4(oneSided);
      expect(integers[0]).toBe(zero);
      if (scale > 0) expect(zero).toBe(sign > 0 ? 0 : 15);
    }),
  );
});

test('q4: integers that fit come back to the bit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 30, maxLength: 30 }),
      fc.integer({ min: 0, max: 15 }),
      fc.integer({ min: -40, max: 40 }),
      (integers, zero, exponent) => {
        const all = [0, 15, ...integers];
        const values = Float32Array.from(all, (q) => (q - zero) * 2 ** exponent);
        const unpacked = unpackedQ4(values);
        expect([...unpacked.integers]).toEqual(all);
        expect(unpacked.zero).toBe(zero);
        expect(unpacked.scale).toBe(2 ** exponent);
      },
    ),
  );
});

test('q8: every value is within half a step of its integer', () => {
  fc.assert(
    fc.property(blocks, (values) => {
      const integers = new Int8Array(values.length);
      const scale = quantizeQ8(values, 0, values.length, integers);
      values.forEach((value, i) => {
        const error = Math.abs(value - scale * integers[i]!);
        expect(error).toBeLessThanOrEqual(Math.max(scale * 0.501, TINY));
      });
    }),
    { numRuns: 2000 },
  );
});
