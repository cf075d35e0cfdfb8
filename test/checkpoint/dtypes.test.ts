import { describe, expect, it } from 'vitest';
import { BF16, F16, F32, type StoredDtype } from '../../src/checkpoint/dtypes.js';

const ALL_HALVES = Uint16Array.from({ length: 65536 }, (_, half) => half);

function decodeHalves(dtype: StoredDtype, halves: Uint16Array): { finite: boolean; bits: Uint32Array } {
  const out = new Float32Array(halves.length);
  const finite = dtype.decode(new Uint8Array(halves.buffer, halves.byteOffset, halves.byteLength), out);
  return { finite, bits: new Uint32Array(out.buffer) };
}

/** The f32 bits of an F16, from the standard's table of fields: written apart from the code under test. */
function f32BitsOfF16(half: number): number {
  const sign = (half & 0x8000) * 0x10000;
  const exponent = (half & 0x7c00) >> 10;
  let fraction = half & 0x3ff;
  if (exponent > 0) return sign + (exponent + 112) * 2 ** 23 + fraction * 2 ** 13;
  if (fraction === 0) return sign;
  // A subnormal half is a normal float: shift its leading one to where it is implied.
  let shifted = 113;
  while (fraction < 0x400) {
    fraction *= 2;
    shifted--;
  }
  return sign + shifted * 2 ** 23 + (fraction - 0x400) * 2 ** 13;
}

describe('stored dtypes', () => {
  it.each([
    [0x0000, 0],
    [0x0001, 2 ** -24], // the smallest subnormal
    [0x03ff, 1023 * 2 ** -24], // the largest
    [0x0400, 2 ** -14], // the smallest normal
    [0x3c00, 1],
    [0x3555, 0.333251953125],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x8001, -(2 ** -24)],
  ])('F16 %i is %f', (half, value) => {
    const { finite, bits } = decodeHalves(F16, Uint16Array.of(half));
    expect(finite).toBe(true);
    expect(new Float32Array(bits.buffer)[0]).toBe(value);
  });

  it.each([
    [0x0000, 0],
    [0x0001, 2 ** -133], // the smallest subnormal
    [0x007f, 127 * 2 ** -133],
    [0x0080, 2 ** -126],
    [0x3f80, 1],
    [0xbf80, -1],
    [0x4049, 3.140625],
    [0x7f7f, 255 * 2 ** 120],
  ])('BF16 %i is %f', (half, value) => {
    const { finite, bits } = decodeHalves(BF16, Uint16Array.of(half));
    expect(finite).toBe(true);
    expect(new Float32Array(bits.buffer)[0]).toBe(value);
  });

  it('F16 decodes all finite halves to the bit, the sign of zero included', () => {
    const halves = ALL_HALVES.filter((half) => (half & 0x7c00) !== 0x7c00);
    expect(decodeHalves(F16, halves)).toEqual({
      finite: true,
      bits: Uint32Array.from(halves, f32BitsOfF16),
    });
  });

  it('BF16 decodes all finite halves to the bit', () => {
    const halves = ALL_HALVES.filter((half) => (half & 0x7f80) !== 0x7f80);
    const bits = Uint32Array.from(halves, (half) => half * 65536);
    expect(decodeHalves(BF16, halves)).toEqual({ finite: true, bits });
  });

  it('F32 is copied to the bit', () => {
    const values = Float32Array.of(0, -0, 1, -1, 2 ** -149, 3.4028234663852886e38, Math.PI);
    const out = new Float32Array(values.length);
    expect(F32.decode(new Uint8Array(values.buffer), out)).toBe(true);
    expect(new Uint32Array(out.buffer)).toEqual(new Uint32Array(values.buffer));
  });

  it.each([
    { dtype: F16, exponent: 0x7c00 },
    { dtype: BF16, exponent: 0x7f80 },
  ])('$dtype.name tells each NaN and infinity from each finite value', ({ dtype, exponent }) => {
    const wrong = ALL_HALVES.filter((half) => {
      const finite = (half & exponent) !== exponent;
      return decodeHalves(dtype, Uint16Array.of(half)).finite !== finite;
    });
    expect([...wrong]).toEqual([]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'F32 notices %f among others',
    (value) => {
      const bytes = new Uint8Array(Float32Array.of(1, value, 2).buffer);
      expect(F32.decode(bytes, new Float32Array(3))).toBe(false);
    },
  );
});
