/** Four floats at a time: what WebAssembly has no instruction for. */

/** a·b + c: fused where the engine has it, in the relaxed build. */
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

@inline
export function sum(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

@inline
export function largestOf(x: v128): f32 {
  const halves = f32x4.max(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return max(f32x4.extract_lane(halves, 0), f32x4.extract_lane(halves, 1));
}

/** Added to a float, it leaves the nearest whole number in the lowest bits; halves go to the even neighbour. */
const ROUNDER: f32 = 12582912; // 1.5 · 2^23

/**
 * 2^x within 2e-7 relative: the nearest whole number becomes the exponent, a polynomial (Taylor, degree 6) does
 * the rest of at most one half. Below 2^-126 the result is 0; above 2^127 it is 2^127.
 */
@inline
export function exp2(x: v128): v128 {
  const clamped = f32x4.min(f32x4.max(x, f32x4.splat(-126)), f32x4.splat(127));
  const rounded = f32x4.add(clamped, f32x4.splat(ROUNDER));
  const rest = f32x4.sub(clamped, f32x4.sub(rounded, f32x4.splat(ROUNDER)));
  let power = f32x4.splat(1.5403530393381609e-4);
  power = multiplyAdd(power, rest, f32x4.splat(1.3333558146428443e-3));
  power = multiplyAdd(power, rest, f32x4.splat(9.618129107628477e-3));
  power = multiplyAdd(power, rest, f32x4.splat(5.550410866482158e-2));
  power = multiplyAdd(power, rest, f32x4.splat(2.402265069591007e-1));
  power = multiplyAdd(power, rest, f32x4.splat(6.931471805599453e-1));
  power = multiplyAdd(power, rest, f32x4.splat(1));
  const exponent = i32x4.shl(i32x4.add(rounded, i32x4.splat(127)), 23); // the bits of ROUNDER leave at the top
  return v128.and(f32x4.mul(power, exponent), f32x4.gt(x, f32x4.splat(-126)));
}

/** x / (1 + e^-x) */
@inline
export function silu(x: v128): v128 {
  const e = exp2(f32x4.mul(x, f32x4.splat(-1.4426950408889634)));
  return f32x4.div(x, f32x4.add(f32x4.splat(1), e));
}
