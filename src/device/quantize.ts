/**
 * Blocks of integers with a common scale. All arithmetic is in 32-bit floats, step by step, so that every device
 * gets the same integers: what is here for the host is in wasm/kernels and in shaders once more.
 */
import { bitsOf } from './half.js';

/** Input values that share a scale. */
export const BLOCK = 32;

/** The lowest bits of a q4 block's scale: its zero point. */
export const ZERO_POINT = 0xf;

const LARGEST_Q4 = 15;

/** A block whose values are all smaller is zero: the inverse of its scale would leave the range of 32-bit floats. */
const SMALLEST = 1e-30;

/** Added to a 32-bit float and taken away again, it leaves the nearest integer; halves go to the even neighbour. */
const ROUNDER = 1.5 * 2 ** 23;

/** Quantises up to 32 values: scale = max|x| / 127, q = round(x / scale). Returns the scale. */
export function quantizeQ8(values: ArrayLike<number>, start: number, count: number, into: Int8Array): number {
  let largest = 0;
  for (let i = start; i < start + count; i++) largest = Math.max(largest, Math.abs(values[i]!));
  const scale = largest < SMALLEST ? 0 : Math.fround(Math.fround(largest) / 127);
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
  for (let i = start; i < start + count; i++) into[i] = rounded(Math.fround(values[i]!), inverse);
  return scale;
}

const SCALE = new Float32Array(1);
const SCALE_BITS = bitsOf(SCALE);

/**
 * Quantises up to 32 values to integers from 0 to 15, of which one, the zero point, stands for 0:
 * x = scale · (q − zero). The scale spreads them from the least value, or 0, to the largest, or 0. Returns its
 * bits with the zero point in place of the lowest four, which changes the scale by a millionth at most.
 */
export function quantizeQ4(values: Float32Array, start: number, count: number, into: Int8Array): number {
  let least = 0;
  let largest = 0;
  for (let i = start; i < start + count; i++) {
    least = Math.min(least, values[i]!);
    largest = Math.max(largest, values[i]!);
  }
  const isZero = Math.max(largest, -least) < SMALLEST;
  SCALE[0] = isZero ? 0 : Math.fround(largest / LARGEST_Q4) - Math.fround(least / LARGEST_Q4);
  const bits = SCALE_BITS[0]! & ~ZERO_POINT;
  SCALE_BITS[0] = bits;
  const inverse = isZero ? 0 : Math.fround(1 / SCALE[0]!);
  const zero = rounded(-least, inverse);
  for (let i = start; i < start + count; i++) {
    into[i] = Math.max(0, Math.min(LARGEST_Q4, rounded(values[i]!, inverse) + zero));
  }
  return bits + zero;
}

/** The integer nearest to value · inverse. */
function rounded(value: number, inverse: number): number {
  return Math.fround(Math.fround(value * inverse) + ROUNDER) - ROUNDER;
}
