/**
 * `linear` in 8-bit integers, four inputs at a time: the dot product of the relaxed build, with a fourth of the
 * instructions where the processor has one for it.
 *
 * Its first operand is signed. Whether it reads the second as signed or unsigned is the engine's choice, which
 * `dotOfLargeBytes` finds out. Unsigned activations have 128 added; the sums of the weights' integers take that
 * away again, so the result is the same exact integer.
 */
import { Dtype } from './dtype';
import { asItRests, linear, TILE_ROWS } from './linear';
import { Q4_BLOCK_BYTES, widenQuads } from './q4';
import { BLOCK, Form, PANEL, panelBlockBytes, QUADS, tileBlockBytes } from './quantize';
import { addScaled } from './scales';
import { word } from './step';

/** Step: as `linear`, and the form of the activations. */
export function linearQ8Quads(step: usize, scratch: usize): void {
  const blocks = word(step, 5) / BLOCK;
  const multiply = word(step, 10) === Form.Unsigned ? multiplyUnsigned : multiplySigned;
  const tileBytes = blocks * tileBlockBytes(Form.Signed);
  if (word(step, 8) === Dtype.Q4) linear(step, scratch, PANEL, tileBytes, blocks * Q4_BLOCK_BYTES, widenQuads, multiply);
  else linear(step, scratch, PANEL, tileBytes, blocks * panelBlockBytes(QUADS), asItRests, multiply);
}

function multiplySigned(x: usize, weight: usize, inputs: usize, sums: usize): void {
  multiply(x, weight, inputs, sums, 0);
}

function multiplyUnsigned(x: usize, weight: usize, inputs: usize, sums: usize): void {
  multiply(x, weight, inputs, sums, -128);
}

/** `offset` times the sum of a block's weights is what each accumulator starts from. */
function multiply(x: usize, weight: usize, inputs: usize, sums: usize, offset: i32): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0;
  let t0 = s0, t1 = s0, t2 = s0, t3 = s0, t4 = s0, t5 = s0;
  for (let block: usize = 0; block < inputs; block += BLOCK) {
    const totals = v128.load(weight, BLOCK * PANEL + 4 * PANEL);
    let a0 = i32x4.mul(i32x4.extend_low_i16x8_s(totals), i32x4.splat(offset));
    let b0 = i32x4.mul(i32x4.extend_high_i16x8_s(totals), i32x4.splat(offset));
    let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
    let b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0;
    for (const end = weight + BLOCK * PANEL; weight < end; weight += QUADS * PANEL) {
      let low = v128.load(weight), high = v128.load(weight, 16);
      let quad = v128.load32_splat(x); a0 = dotAdd(low, quad, a0); b0 = dotAdd(high, quad, b0);
      quad = v128.load32_splat(x, 4); a1 = dotAdd(low, quad, a1); b1 = dotAdd(high, quad, b1);
      quad = v128.load32_splat(x, 8); a2 = dotAdd(low, quad, a2); b2 = dotAdd(high, quad, b2);
      quad = v128.load32_splat(x, 12); a3 = dotAdd(low, quad, a3); b3 = dotAdd(high, quad, b3);
      quad = v128.load32_splat(x, 16); a4 = dotAdd(low, quad, a4); b4 = dotAdd(high, quad, b4);
      quad = v128.load32_splat(x, 20); a5 = dotAdd(low, quad, a5); b5 = dotAdd(high, quad, b5);
      x += TILE_ROWS * 4;
    }
    const scaleLow = v128.load(weight), scaleHigh = v128.load(weight, 16);
    let xScale = v128.load32_splat(x); s0 = addScaled(a0, xScale, scaleLow, s0); t0 = addScaled(b0, xScale, scaleHigh, t0);
    xScale = v128.load32_splat(x, 4); s1 = addScaled(a1, xScale, scaleLow, s1); t1 = addScaled(b1, xScale, scaleHigh, t1);
    xScale = v128.load32_splat(x, 8); s2 = addScaled(a2, xScale, scaleLow, s2); t2 = addScaled(b2, xScale, scaleHigh, t2);
    xScale = v128.load32_splat(x, 12); s3 = addScaled(a3, xScale, scaleLow, s3); t3 = addScaled(b3, xScale, scaleHigh, t3);
    xScale = v128.load32_splat(x, 16); s4 = addScaled(a4, xScale, scaleLow, s4); t4 = addScaled(b4, xScale, scaleHigh, t4);
    xScale = v128.load32_splat(x, 20); s5 = addScaled(a5, xScale, scaleLow, s5); t5 = addScaled(b5, xScale, scaleHigh, t5);
    weight += panelBlockBytes(QUADS) - BLOCK * PANEL;
    x += tileBlockBytes(Form.Signed) - (BLOCK / QUADS) * TILE_ROWS * 4;
  }
  v128.store(sums, s0); v128.store(sums, t0, 16);
  v128.store(sums, s1, 32); v128.store(sums, t1, 48);
  v128.store(sums, s2, 64); v128.store(sums, t2, 80);
  v128.store(sums, s3, 96); v128.store(sums, t3, 112);
  v128.store(sums, s4, 128); v128.store(sums, t4, 144);
  v128.store(sums, s5, 160); v128.store(sums, t5, 176);
}

/** Four products of signed bytes of `a` with bytes of `b` in each lane, added to `c`. */
@inline
function dotAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, c);
  return unreachable();
}

/**
 * Four products of 127 and a byte of all ones, added up: 129,540 where the engine reads the byte as unsigned and
 * adds exactly, −508 where it reads it as signed, something else where sums saturate. 0 in the plain build.
 */
export function dotOfLargeBytes(): i32 {
  if (!ASC_FEATURE_RELAXED_SIMD) return 0;
  return i32x4.extract_lane(dotAdd(i8x16.splat(127), i8x16.splat(-1), i32x4.splat(0)), 0);
}
