/** From the integers of a block to floats. */
import { multiplyAdd } from './arithmetic';

/**
 * Adds the 8 integers of one row, times the scales of the weights and of the activations, to its sums. Both halves of the
 * sums are loaded before the first is stored: a store between them would keep an engine from joining them.
 */
@inline
export function addScaled(low: v128, high: v128, scaleLow: v128, scaleHigh: v128, xScale: v128, sums: usize): void {
  const x = f32x4.mul(f32x4.convert_i32x4_s(low), xScale);
  const y = f32x4.mul(f32x4.convert_i32x4_s(high), xScale);
  const sumLow = v128.load(sums), sumHigh = v128.load(sums, 16);
  v128.store(sums, multiplyAdd(x, scaleLow, sumLow));
  v128.store(sums, multiplyAdd(y, scaleHigh, sumHigh), 16);
}
