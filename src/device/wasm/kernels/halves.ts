/**
 * Weights that rest in 16 bits: a panel is [input][LANES], as in f32, and is widened to that before it is multiplied.
 * Subnormal halves come from and become normal floats by additions that round or cancel: processors are slow with
 * subnormal floats.
 */
import { largestOf } from './arithmetic';
import { Dtype } from './dtype';
import { LANES } from './width';

/** Between the exponents of f32 and f16, in their place in an f32. */
const REBIAS: i32 = (127 - 15) << 23;

/** Of f16: 2^-14. */
const SMALLEST_NORMAL: f32 = 6.103515625e-5;

/** max|x| of `count` floats, a multiple of 4. */
export function largestMagnitude(x: usize, count: usize): f32 {
  let largest = f32x4.splat(0);
  for (const end = x + count * 4; x < end; x += 16) largest = f32x4.max(largest, f32x4.abs(v128.load(x)));
  return largestOf(largest);
}

/** As `pack` in index.ts. f16 must be able to hold the values. */
export function packHalves(source: usize, rows: usize, inputs: usize, out: usize, dtype: Dtype): void {
  for (let row: usize = 0; row < rows; row++) {
    let to = out + ((row / LANES) * inputs * LANES + (row % LANES)) * 2;
    for (const end = source + inputs * 4; source < end; source += 16) {
      const floats = v128.load(source);
      const bits = dtype === Dtype.F16 ? f16OfFloats(floats) : bf16OfFloats(floats);
      v128.store16_lane(to, bits, 0);
      v128.store16_lane(to, bits, 2, LANES * 2);
      v128.store16_lane(to, bits, 4, 2 * LANES * 2);
      v128.store16_lane(to, bits, 6, 3 * LANES * 2);
      to += 4 * LANES * 2;
    }
  }
}

/** Four halves, each the nearest to its float, ties to even. */
@inline
function f16OfFloats(floats: v128): v128 {
  const magnitude = v128.and(floats, i32x4.splat(0x7fff_ffff));
  const sign = v128.and(i32x4.shr_u(floats, 16), i32x4.splat(0x8000));
  const rebiased = i32x4.sub(magnitude, i32x4.splat(REBIAS));
  const normal = rounded(rebiased, 13);
  // In the sum with 1/2 the last bit is worth 2^-24, as in a subnormal half.
  const subnormal = i32x4.sub(f32x4.add(magnitude, f32x4.splat(0.5)), f32x4.splat(0.5));
  const isNormal = f32x4.ge(magnitude, f32x4.splat(SMALLEST_NORMAL));
  return v128.or(sign, v128.bitselect(normal, subnormal, isNormal));
}

@inline
function bf16OfFloats(floats: v128): v128 {
  return rounded(floats, 16);
}

/** Bits without their last `count`, rounded to nearest, ties to even. */
@inline
function rounded(bits: v128, count: i32): v128 {
  const odd = v128.and(i32x4.shr_u(bits, count), i32x4.splat(1));
  return i32x4.shr_u(i32x4.add(i32x4.add(bits, i32x4.splat((1 << (count - 1)) - 1)), odd), count);
}

export function widenF16(panel: usize, inputs: usize, out: usize): usize {
  let to = out;
  for (const end = panel + inputs * LANES * 2; panel < end; panel += 16, to += 32) {
    const halves = v128.load(panel);
    let low = rebiased(i32x4.extend_low_i16x8_s(halves)), high = rebiased(i32x4.extend_high_i16x8_s(halves));
    const exponents = v128.and(halves, i16x8.splat(0x7c00));
    if (!i16x8.all_true(exponents)) {
      low = withSubnormals(low);
      high = withSubnormals(high);
    }
    v128.store(to, low);
    v128.store(to, high, 16);
  }
  return out;
}

/** Normal halves, extended with their sign, as floats. */
@inline
function rebiased(halves: v128): v128 {
  const fields = v128.and(i32x4.shl(halves, 13), i32x4.splat(0x8fff_e000));
  return i32x4.add(fields, i32x4.splat(REBIAS));
}

/** What `rebiased` made of a half with exponent 0, 2^-15 · (1 + fraction), becomes 2^-14 · fraction. */
@inline
function withSubnormals(floats: v128): v128 {
  const isSubnormal = f32x4.lt(f32x4.abs(floats), f32x4.splat(SMALLEST_NORMAL));
  const sign = v128.and(floats, i32x4.splat(0x8000_0000));
  const excess = v128.or(sign, f32x4.splat(SMALLEST_NORMAL));
  return v128.bitselect(f32x4.sub(f32x4.add(floats, floats), excess), floats, isSubnormal);
}

export function widenBF16(panel: usize, inputs: usize, out: usize): usize {
  let to = out;
  for (const end = panel + inputs * LANES * 2; panel < end; panel += 16, to += 32) {
    const halves = v128.load(panel);
    v128.store(to, i32x4.shl(i32x4.extend_low_i16x8_u(halves), 16));
    v128.store(to, i32x4.shl(i32x4.extend_high_i16x8_u(halves), 16), 16);
  }
  return out;
}
