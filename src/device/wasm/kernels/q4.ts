/**
 * Weights that rest in 4 bits: a block of 32 inputs has integers from 0 to 15, a scale, and a zero point, which is
 * the integer that stands for 0. A panel is widened to q8 before it is multiplied: see quantize.ts.
 *
 * In a block of a panel stand, for each two groups of inputs in turn, those of the 8 outputs side by side, the first
 * group in the lower halves of the bytes, the second in the upper; then the 8 scales, each with its zero point in
 * the lowest four bits.
 */
import { largestOf } from './arithmetic';
import { BLOCK, inverseOf, PAIRS, PANEL, panelBlockBytes, QUADS, rounded, SMALLEST } from './quantize';

export const INTEGER_BYTES: usize = (BLOCK * PANEL) / 2;
export const Q4_BLOCK_BYTES: usize = INTEGER_BYTES + 4 * PANEL;

const LARGEST: f32 = 15;
const ZERO_POINT: i32 = 0xf;

/** As `pack` in index.ts. */
export function packQ4(source: usize, rows: usize, inputs: usize, out: usize, group: usize): void {
  const blocks = inputs / BLOCK;
  for (let row: usize = 0; row < rows; row++) {
    let block = out + (row / PANEL) * blocks * Q4_BLOCK_BYTES;
    for (const end = source + inputs * 4; source < end; source += BLOCK * 4, block += Q4_BLOCK_BYTES) {
      packBlock(source, block, row % PANEL, group);
    }
  }
}

/** One block of one output of a panel. */
function packBlock(x: usize, out: usize, output: usize, group: usize): void {
  let lows = f32x4.splat(0), highs = lows;
  for (let i: usize = 0; i < BLOCK << 2; i += 16) {
    lows = f32x4.min(lows, v128.load(x + i));
    highs = f32x4.max(highs, v128.load(x + i));
  }
  const least = -largestOf(f32x4.neg(lows));
  const largest = largestOf(highs);
  const isZero = max(largest, -least) < SMALLEST;
  const scaleBits = isZero ? 0 : reinterpret<i32>(largest / LARGEST - least / LARGEST) & ~ZERO_POINT;
  const inverse = inverseOf(reinterpret<f32>(scaleBits));
  const zero = <i32>nearest(-least * inverse);
  const inverses = f32x4.splat(inverse);

  let target = out + output * group;
  for (const end = x + BLOCK * 4; x < end; x += 32) {
    const words = i16x8.narrow_i32x4_s(rounded(v128.load(x), inverses), rounded(v128.load(x, 16), inverses));
    const shifted = i16x8.min_s(i16x8.add(words, i16x8.splat(<i16>zero)), i16x8.splat(<i16>LARGEST));
    const bytes = i8x16.narrow_i16x8_u(shifted, shifted);
    const upper = i8x16.shl(bytes, 4);
    if (group === PAIRS) {
      const merged = v128.or(bytes, i64x2.shr_u(upper, 16));
      v128.store16_lane(target, merged, 0);
      v128.store16_lane(target, merged, 2, 2 * PANEL);
    } else {
      v128.store32_lane(target, v128.or(bytes, i64x2.shr_u(upper, 32)), 0);
    }
    target += 4 * PANEL;
  }
  store<i32>(out + INTEGER_BYTES + (output << 2), scaleBits | zero);
}

/** A panel in q8, in groups of two. */
export function widenPairs(panel: usize, inputs: usize, out: usize): usize {
  const end = out + (inputs / BLOCK) * panelBlockBytes(PAIRS);
  for (let to = out; to < end; to += 4 * PANEL) {
    const zeros = zeroPoints(panel + INTEGER_BYTES);
    const spread = v128.shuffle<i8>(zeros, zeros, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
    for (const scales = panel + INTEGER_BYTES; panel < scales; panel += 16, to += 32) {
      const bytes = v128.load(panel);
      v128.store(to, i8x16.sub(lower(bytes), spread));
      v128.store(to, i8x16.sub(upper(bytes), spread), 16);
    }
    copyScales(panel, to);
    panel += 4 * PANEL;
  }
  return out;
}

/** A panel in q8, in groups of four, with the sums of each block's integers. */
export function widenQuads(panel: usize, inputs: usize, out: usize): usize {
  const end = out + (inputs / BLOCK) * panelBlockBytes(QUADS);
  for (let to = out; to < end; to += 6 * PANEL) {
    const zeros = zeroPoints(panel + INTEGER_BYTES);
    const spreadLow = v128.shuffle<i8>(zeros, zeros, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    const spreadHigh = v128.shuffle<i8>(zeros, zeros, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7);
    let sumsLow = i16x8.splat(0), sumsHigh = sumsLow; // two for each output
    for (const scales = panel + INTEGER_BYTES; panel < scales; panel += 32, to += 64) {
      const low = v128.load(panel), high = v128.load(panel, 16);
      const first = i8x16.sub(lower(low), spreadLow), second = i8x16.sub(upper(low), spreadLow);
      const third = i8x16.sub(lower(high), spreadHigh), fourth = i8x16.sub(upper(high), spreadHigh);
      v128.store(to, first); v128.store(to, third, 16);
      v128.store(to, second, 32); v128.store(to, fourth, 48);
      sumsLow = i16x8.add(sumsLow, i16x8.extadd_pairwise_i8x16_s(i8x16.add(first, second)));
      sumsHigh = i16x8.add(sumsHigh, i16x8.extadd_pairwise_i8x16_s(i8x16.add(third, fourth)));
    }
    copyScales(panel, to);
    const sums = i16x8.narrow_i32x4_s(i32x4.extadd_pairwise_i16x8_s(sumsLow), i32x4.extadd_pairwise_i16x8_s(sumsHigh));
    v128.store(to, sums, 4 * PANEL);
    panel += 4 * PANEL;
  }
  return out;
}

@inline
function lower(bytes: v128): v128 {
  return v128.and(bytes, i8x16.splat(0xf));
}

@inline
function upper(bytes: v128): v128 {
  return i8x16.shr_u(bytes, 4);
}

/** The zero points of 8 outputs, in the first 8 bytes. */
@inline
function zeroPoints(scales: usize): v128 {
  const mask = i32x4.splat(ZERO_POINT);
  const words = i16x8.narrow_i32x4_s(v128.and(v128.load(scales), mask), v128.and(v128.load(scales, 16), mask));
  return i8x16.narrow_i16x8_s(words, words);
}

@inline
function copyScales(from: usize, to: usize): void {
  const mask = i32x4.splat(~ZERO_POINT);
  v128.store(to, v128.and(v128.load(from), mask));
  v128.store(to, v128.and(v128.load(from, 16), mask), 16);
}
