/**
 * 16-bit floats: IEEE half precision (f16) and bfloat16 (bf16), as bits. Narrowing rounds to the nearest, ties to
 * even, and takes the bits of a 32-bit float, so that a loop over millions of weights stays in integers.
 */

export const LARGEST_F16 = 65_504;

const F32_INFINITY = 0x7f80_0000;
const F16_OVERFLOW = 0x477f_f000; // 65,520 as f32: from there on the nearest f16 is infinity
const F16_SMALLEST_NORMAL = 0x3880_0000; // 2^-14 as f32
const REBIAS = (127 - 15) << 10; // between the exponents of f32 and f16

export function f16FromBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude >= F16_OVERFLOW) return sign | (magnitude > F32_INFINITY ? 0x7e00 : 0x7c00);
  if (magnitude >= F16_SMALLEST_NORMAL) return sign | (rounded(magnitude, 13) - REBIAS);
  const exponent = magnitude >>> 23;
  if (exponent < 102) return sign; // below half of the smallest subnormal
  return sign | rounded((magnitude & 0x7f_ffff) | 0x80_0000, 126 - exponent);
}

/** Of finite values. */
export function bf16FromBits(bits: number): number {
  return rounded(bits, 16);
}

export function fromF16(half: number): number {
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** `bits` without its last `count`. */
function rounded(bits: number, count: number): number {
  return (bits + (1 << (count - 1)) - 1 + ((bits >>> count) & 1)) >>> count;
}

/** max|x| */
export function largestMagnitude(values: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}

/** The bits of 32-bit floats, over the same memory. */
export function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}
