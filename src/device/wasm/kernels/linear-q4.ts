/**
 * `linear` of weights in 4 bits, four inputs at a time, where the processor has no dot product in 32 bits: pairs of inputs
 * add up in 16 bits for a whole block, exactly: 8 · 2 · 15 · 127 is below 2^15.
 *
 * The integers are multiplied as they rest, from 0 to 15. What the zero point z takes away, z · Σ activations, is
 * subtracted from a block's sum, so the result is the same integer as q8 would have.
 */
import { asItRests, linear, TILE_ROWS } from './linear';
import { INTEGER_BYTES, Q4_BLOCK_BYTES } from './q4';
import { BLOCK, Form, PANEL, QUADS, tileBlockBytes } from './quantize';
import { addScaled } from './scales';
import { word } from './step';

/** In all 16 bits 1, in all bytes and in all 32 bits the lowest four: from memory, as in arithmetic.ts. */
const CONSTANTS = memory.data<u32>([0x00010001, 0x0f0f0f0f, 0x0000000f]);

/** Step: as `linear`. Activations have the form Summed. */
export function linearQ4(step: usize, scratch: usize): void {
  const blocks = word(step, 5) / BLOCK;
  linear(step, scratch, PANEL, blocks * tileBlockBytes(Form.Summed), blocks * Q4_BLOCK_BYTES, asItRests, multiply);
}

function multiply(x: usize, weight: usize, inputs: usize, sums: usize): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0;
  let t0 = s0, t1 = s0, t2 = s0, t3 = s0, t4 = s0, t5 = s0;
  const ones = v128.load32_splat(CONSTANTS), nibble = v128.load32_splat(CONSTANTS, 4), zeroPoint = v128.load32_splat(CONSTANTS, 8);
  for (let block: usize = 0; block < inputs; block += BLOCK) {
    let a0 = i16x8.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
    let b0 = i16x8.splat(0), b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0;
    for (const end = weight + INTEGER_BYTES; weight < end; weight += QUADS * PANEL) {
      const bytesLow = v128.load(weight), bytesHigh = v128.load(weight, 16);
      let low = v128.and(bytesLow, nibble), high = v128.and(bytesHigh, nibble);
      let quad = v128.load32_splat(x); a0 = i16x8.add(a0, dot(quad, low)); b0 = i16x8.add(b0, dot(quad, high));
      quad = v128.load32_splat(x, 4); a1 = i16x8.add(a1, dot(quad, low)); b1 = i16x8.add(b1, dot(quad, high));
      quad = v128.load32_splat(x, 8); a2 = i16x8.add(a2, dot(quad, low)); b2 = i16x8.add(b2, dot(quad, high));
      quad = v128.load32_splat(x, 12); a3 = i16x8.add(a3, dot(quad, low)); b3 = i16x8.add(b3, dot(quad, high));
      quad = v128.load32_splat(x, 16); a4 = i16x8.add(a4, dot(quad, low)); b4 = i16x8.add(b4, dot(quad, high));
      quad = v128.load32_splat(x, 20); a5 = i16x8.add(a5, dot(quad, low)); b5 = i16x8.add(b5, dot(quad, high));
      x += TILE_ROWS * 4;
      low = v128.and(i16x8.shr_u(bytesLow, 4), nibble); high = v128.and(i16x8.shr_u(bytesHigh, 4), nibble);
      quad = v128.load32_splat(x); a0 = i16x8.add(a0, dot(quad, low)); b0 = i16x8.add(b0, dot(quad, high));
      quad = v128.load32_splat(x, 4); a1 = i16x8.add(a1, dot(quad, low)); b1 = i16x8.add(b1, dot(quad, high));
      quad = v128.load32_splat(x, 8); a2 = i16x8.add(a2, dot(quad, low)); b2 = i16x8.add(b2, dot(quad, high));
      quad = v128.load32_splat(x, 12); a3 = i16x8.add(a3, dot(quad, low)); b3 = i16x8.add(b3, dot(quad, high));
      quad = v128.load32_splat(x, 16); a4 = i16x8.add(a4, dot(quad, low)); b4 = i16x8.add(b4, dot(quad, high));
      quad = v128.load32_splat(x, 20); a5 = i16x8.add(a5, dot(quad, low)); b5 = i16x8.add(b5, dot(quad, high));
      x += TILE_ROWS * 4;
    }
    const zeroLow = v128.and(v128.load(weight), zeroPoint), zeroHigh = v128.and(v128.load(weight, 16), zeroPoint);
    const scaleLow = v128.xor(v128.load(weight), zeroLow), scaleHigh = v128.xor(v128.load(weight, 16), zeroHigh);
    let total = v128.load32_splat(x, 32);
    let xScale = v128.load32_splat(x); s0 = addScaled(whole(a0, zeroLow, total, ones), xScale, scaleLow, s0); t0 = addScaled(whole(b0, zeroHigh, total, ones), xScale, scaleHigh, t0);
    total = v128.load32_splat(x, 36);
    xScale = v128.load32_splat(x, 4); s1 = addScaled(whole(a1, zeroLow, total, ones), xScale, scaleLow, s1); t1 = addScaled(whole(b1, zeroHigh, total, ones), xScale, scaleHigh, t1);
    total = v128.load32_splat(x, 40);
    xScale = v128.load32_splat(x, 8); s2 = addScaled(whole(a2, zeroLow, total, ones), xScale, scaleLow, s2); t2 = addScaled(whole(b2, zeroHigh, total, ones), xScale, scaleHigh, t2);
    total = v128.load32_splat(x, 44);
    xScale = v128.load32_splat(x, 12); s3 = addScaled(whole(a3, zeroLow, total, ones), xScale, scaleLow, s3); t3 = addScaled(whole(b3, zeroHigh, total, ones), xScale, scaleHigh, t3);
    total = v128.load32_splat(x, 48);
    xScale = v128.load32_splat(x, 16); s4 = addScaled(whole(a4, zeroLow, total, ones), xScale, scaleLow, s4); t4 = addScaled(whole(b4, zeroHigh, total, ones), xScale, scaleHigh, t4);
    total = v128.load32_splat(x, 52);
    xScale = v128.load32_splat(x, 20); s5 = addScaled(whole(a5, zeroLow, total, ones), xScale, scaleLow, s5); t5 = addScaled(whole(b5, zeroHigh, total, ones), xScale, scaleHigh, t5);
    weight += 4 * PANEL;
    x += 2 * 8 * 4;
  }
  v128.store(sums, s0); v128.store(sums, t0, 16);
  v128.store(sums, s1, 32); v128.store(sums, t1, 48);
  v128.store(sums, s2, 64); v128.store(sums, t2, 80);
  v128.store(sums, s3, 96); v128.store(sums, t3, 112);
  v128.store(sums, s4, 128); v128.store(sums, t4, 144);
  v128.store(sums, s5, 160); v128.store(sums, t5, 176);
}

/** In each 16 bits the sum of two products of signed bytes of `a` with bytes of `b` below 128. */
@inline
function dot(a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_dot<i16>(a, b);
  return unreachable();
}

/** A block's integers: neighbouring sums together, less what the zero points took away from `total` activations. */
@inline
function whole(pairs: v128, zeros: v128, total: v128, ones: v128): v128 {
  return i32x4.sub(i32x4.dot_i16x8_s(pairs, ones), i32x4.dot_i16x8_s(zeros, total));
}
