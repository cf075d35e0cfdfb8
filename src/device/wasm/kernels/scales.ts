/** From the integers of a block to floats. */
import { multiplyAdd } from './arithmetic';

/** `sum` and four integers of one row, times the scales of the activations and of the weights. */
@inline
export function addScaled(integers: v128, xScale: v128, scale: v128, sum: v128): v128 {
  return multiplyAdd(f32x4.mul(f32x4.convert_i32x4_s(integers), xScale), scale, sum);
}
