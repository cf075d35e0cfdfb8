// Rows of activations as 16-bit floats, with a scale for each row. The scale is a power of two, hence exact, that
// brings a row's largest value into [16, 32): activations beyond the range of 16-bit floats exist, and sums of eight
// products with weights of at most 255 stay inside it.

enable f16;

struct HalfScale {
  there: f32,
  back: f32, // what to multiply with to come back
}

/// For a row whose largest magnitude is `peak`.
fn half_scale_of(peak: f32) -> HalfScale {
  // 2^(exponent of the peak − 4); the exponent is kept where both it and its inverse are normal numbers.
  let exponent = clamp(bitcast<u32>(peak) >> 23, 32, 222) - 4;
  return HalfScale(bitcast<f32>((254 - exponent) << 23), bitcast<f32>(exponent << 23));
}

/// To the nearest: where pack2x16float rounds is the driver's to say, and those of AMD and NVIDIA cut off.
fn halves_of(values: vec4f, scale: HalfScale) -> vec4<f16> {
  return vec4<f16>(values * scale.there);
}
