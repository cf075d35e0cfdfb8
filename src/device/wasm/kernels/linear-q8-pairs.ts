/**
 * `linear` in 8-bit integers, two inputs at a time: the product that every engine has. Activations are 16-bit
 * integers, weights are widened to 16 bits as they are loaded, and one instruction multiplies two neighbouring
 * inputs and adds them in 32 bits, exactly.
 */
import { Dtype } from './dtype';
import { asItRests, linear, TILE_ROWS } from './linear';
import { Q4_BLOCK_BYTES, widenPairs } from './q4';
import { BLOCK, Form, PAIRS, PANEL, panelBlockBytes, tileBlockBytes } from './quantize';
import { addScaled } from './scales';
import { word } from './step';

/** Step: as `linear`. */
export function linearQ8Pairs(step: usize, scratch: usize): void {
  const blocks = word(step, 5) / BLOCK;
  const tileBytes = blocks * tileBlockBytes(Form.Words);
  if (word(step, 8) === Dtype.Q4) linear(step, scratch, PANEL, tileBytes, blocks * Q4_BLOCK_BYTES, widenPairs, multiply);
  else linear(step, scratch, PANEL, tileBytes, blocks * panelBlockBytes(PAIRS), asItRests, multiply);
}

/** Sums that find no register go to the stack, which costs no more than memory did. */
function multiply(x: usize, weight: usize, inputs: usize, sums: usize): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0;
  let t0 = s0, t1 = s0, t2 = s0, t3 = s0, t4 = s0, t5 = s0;
  for (let block: usize = 0; block < inputs; block += BLOCK) {
    let a0 = i32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
    let b0 = i32x4.splat(0), b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0;
    for (const end = weight + BLOCK * PANEL; weight < end; weight += PAIRS * PANEL) {
      let low = v128.load8x8_s(weight), high = v128.load8x8_s(weight, 8);
      let pair = v128.load32_splat(x); a0 = i32x4.add(a0, i32x4.dot_i16x8_s(pair, low)); b0 = i32x4.add(b0, i32x4.dot_i16x8_s(pair, high));
      pair = v128.load32_splat(x, 4); a1 = i32x4.add(a1, i32x4.dot_i16x8_s(pair, low)); b1 = i32x4.add(b1, i32x4.dot_i16x8_s(pair, high));
      pair = v128.load32_splat(x, 8); a2 = i32x4.add(a2, i32x4.dot_i16x8_s(pair, low)); b2 = i32x4.add(b2, i32x4.dot_i16x8_s(pair, high));
      pair = v128.load32_splat(x, 12); a3 = i32x4.add(a3, i32x4.dot_i16x8_s(pair, low)); b3 = i32x4.add(b3, i32x4.dot_i16x8_s(pair, high));
      pair = v128.load32_splat(x, 16); a4 = i32x4.add(a4, i32x4.dot_i16x8_s(pair, low)); b4 = i32x4.add(b4, i32x4.dot_i16x8_s(pair, high));
      pair = v128.load32_splat(x, 20); a5 = i32x4.add(a5, i32x4.dot_i16x8_s(pair, low)); b5 = i32x4.add(b5, i32x4.dot_i16x8_s(pair, high));
      x += TILE_ROWS * 4;
    }
    const scaleLow = v128.load(weight), scaleHigh = v128.load(weight, 16);
    let xScale = v128.load32_splat(x); s0 = addScaled(a0, xScale, scaleLow, s0); t0 = addScaled(b0, xScale, scaleHigh, t0);
    xScale = v128.load32_splat(x, 4); s1 = addScaled(a1, xScale, scaleLow, s1); t1 = addScaled(b1, xScale, scaleHigh, t1);
    xScale = v128.load32_splat(x, 8); s2 = addScaled(a2, xScale, scaleLow, s2); t2 = addScaled(b2, xScale, scaleHigh, t2);
    xScale = v128.load32_splat(x, 12); s3 = addScaled(a3, xScale, scaleLow, s3); t3 = addScaled(b3, xScale, scaleHigh, t3);
    xScale = v128.load32_splat(x, 16); s4 = addScaled(a4, xScale, scaleLow, s4); t4 = addScaled(b4, xScale, scaleHigh, t4);
    xScale = v128.load32_splat(x, 20); s5 = addScaled(a5, xScale, scaleLow, s5); t5 = addScaled(b5, xScale, scaleHigh, t5);
    weight += panelBlockBytes(PAIRS) - BLOCK * PANEL;
    x += tileBlockBytes(Form.Words) - (BLOCK / PAIRS) * TILE_ROWS * 4;
  }
  v128.store(sums, s0); v128.store(sums, t0, 16);
  v128.store(sums, s1, 32); v128.store(sums, t1, 48);
  v128.store(sums, s2, 64); v128.store(sums, t2, 80);
  v128.store(sums, s3, 96); v128.store(sums, t3, 112);
  v128.store(sums, s4, 128); v128.store(sums, t4, 144);
  v128.store(sums, s5, 160); v128.store(sums, t5, 176);
}
