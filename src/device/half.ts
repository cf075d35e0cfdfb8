/** 16-bit floats as bits: IEEE half precision (f16) and bfloat16 (bf16). Narrowing rounds to the nearest, ties to even. */

const value = new Float32Array(1);
const bits = new Uint32Array(value.buffer);

const F16_INFINITY = 0x7c00;
const F16_OVERFLOW = 0x477f_f000; // 65,520 as f32: from there on the nearest f16 is infinity
const F16_SMALLEST_NORMAL = 0x3880_0000; // 2^-14 as f32
const REBIAS = (127 - 15) << 10; // between the exponents of f32 and f16

export function toF16(x: number): number {
  value[0] = x;
  const sign = (bits[0]! >>> 16) & 0x8000;
  const magnitude = bits[0]! & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return 0x7e00; // NaN
  if (magnitude >= F16_OVERFLOW) return sign | F16_INFINITY;
  if (magnitude < F16_SMALLEST_NORMAL) return sign | roundHalfEven(Math.abs(value[0]!) * 2 ** 24);
  return sign | (((magnitude + 0xfff + ((magnitude >>> 13) & 1)) >>> 13) - REBIAS);
}

/** Of finite values. */
export function toBf16(x: number): number {
  value[0] = x;
  return (bits[0]! + 0x7fff + ((bits[0]! >>> 16) & 1)) >>> 16;
}

export function fromF16(half: number): number {
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

export function fromBf16(half: number): number {
  bits[0] = half << 16;
  return value[0]!;
}

/** The integer nearest to x; halves go to the even neighbour. */
export function roundHalfEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
