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
import { word } from './step';
import { addScaled } from './scales';

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
  memory.fill(sums, 0, TILE_ROWS * PANEL * 4);
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
    addScaled(a0, b0, scaleLow, scaleHigh, v128.load32_splat(x), sums);
    addScaled(a1, b1, scaleLow, scaleHigh, v128.load32_splat(x, 4), sums + 32);
    addScaled(a2, b2, scaleLow, scaleHigh, v128.load32_splat(x, 8), sums + 64);
    addScaled(a3, b3, scaleLow, scaleHigh, v128.load32_splat(x, 12), sums + 96);
    addScaled(a4, b4, scaleLow, scaleHigh, v128.load32_splat(x, 16), sums + 128);
    addScaled(a5, b5, scaleLow, scaleHigh, v128.load32_splat(x, 20), sums + 160);
    weight += panelBlockBytes(QUADS) - BLOCK * PANEL;
    x += tileBlockBytes(Form.Signed) - (BLOCK / QUADS) * TILE_ROWS * 4;
  }
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
