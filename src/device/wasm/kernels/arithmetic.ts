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
const ROUNDER: f32 = 12582912; // 1.5 · 2^23, 0x4B400000 in bits

/**
 * Constants of vectors. They are loaded wherever they are used: engines make each anew from general registers in every
 * round of a loop, five instructions at a time, which took two thirds of the softmax.
 */
const CONSTANTS = memory.data<f32>([
  ROUNDER, -126, 127, 1, -1.4426950408889634,
  1.5403530393381609e-4, 1.3333558146428443e-3, 9.618129107628477e-3, 5.550410866482158e-2, 2.402265069591007e-1, 6.931471805599453e-1,
]);

enum Constant {
  Rounder,
  Least,
  Most,
  One,
  MinusLog2E,
  Taylor6,
  Taylor5,
  Taylor4,
  Taylor3,
  Taylor2,
  Taylor1,
}

@inline
function constant(index: Constant): v128 {
  return v128.load32_splat(CONSTANTS + (<usize>index << 2));
}

/** The nearest integers; halves go to the even neighbour. For values below 2^22. */
@inline
export function nearest(x: v128): v128 {
  const rounder = constant(Constant.Rounder);
  return i32x4.sub(f32x4.add(x, rounder), rounder);
}

/**
 * 2^x within 2e-7 relative: the nearest whole number becomes the exponent, a polynomial (Taylor, degree 6) does
 * the rest of at most one half. Below 2^-126 the result is 0; above 2^127 it is 2^127. A NaN stays one.
 */
@inline
export function exp2(x: v128): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(x, constant(Constant.Least)), constant(Constant.Most));
  const rounder = constant(Constant.Rounder);
  const rounded = f32x4.add(clamped, rounder);
  const rest = f32x4.sub(clamped, f32x4.sub(rounded, rounder));
  let power = constant(Constant.Taylor6);
  power = multiplyAdd(power, rest, constant(Constant.Taylor5));
  power = multiplyAdd(power, rest, constant(Constant.Taylor4));
  power = multiplyAdd(power, rest, constant(Constant.Taylor3));
  power = multiplyAdd(power, rest, constant(Constant.Taylor2));
  power = multiplyAdd(power, rest, constant(Constant.Taylor1));
  power = multiplyAdd(power, rest, constant(Constant.One));
  // The exponent's bias is that of 1; the bits of the rounder leave at the top.
  const exponent = i32x4.add(i32x4.shl(rounded, 23), constant(Constant.One));
  return v128.andnot(f32x4.mul(power, exponent), f32x4.le(x, constant(Constant.Least)));
}

/** x / (1 + e^-x) */
@inline
export function silu(x: v128): v128 {
  const e = exp2(f32x4.mul(x, constant(Constant.MinusLog2E)));
  return f32x4.div(x, f32x4.add(constant(Constant.One), e));
}
