/**
 * `linear` in 8-bit integers, two inputs at a time: the product that every engine has. Activations are 16-bit
 * integers, weights are widened to 16 bits as they are loaded, and one instruction multiplies two neighbouring
 * inputs and adds them in 32 bits, exactly.
 */
import { Dtype } from './dtype';
import { asItRests, linear, TILE_ROWS } from './linear';
import { Q4_BLOCK_BYTES, widenPairs } from './q4';
import { BLOCK, Form, PAIRS, PANEL, panelBlockBytes, tileBlockBytes } from './quantize';
import { word } from './step';
import { addScaled } from './scales';

/** Step: as `linear`. */
export function linearQ8Pairs(step: usize, scratch: usize): void {
  const blocks = word(step, 5) / BLOCK;
  const tileBytes = blocks * tileBlockBytes(Form.Words);
  if (word(step, 8) === Dtype.Q4) linear(step, scratch, PANEL, tileBytes, blocks * Q4_BLOCK_BYTES, widenPairs, multiply);
  else linear(step, scratch, PANEL, tileBytes, blocks * panelBlockBytes(PAIRS), asItRests, multiply);
}

function multiply(x: usize, weight: usize, inputs: usize, sums: usize): void {
  memory.fill(sums, 0, TILE_ROWS * PANEL * 4);
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
    addScaled(a0, b0, scaleLow, scaleHigh, v128.load32_splat(x), sums);
    addScaled(a1, b1, scaleLow, scaleHigh, v128.load32_splat(x, 4), sums + 32);
    addScaled(a2, b2, scaleLow, scaleHigh, v128.load32_splat(x, 8), sums + 64);
    addScaled(a3, b3, scaleLow, scaleHigh, v128.load32_splat(x, 12), sums + 96);
    addScaled(a4, b4, scaleLow, scaleHigh, v128.load32_splat(x, 16), sums + 128);
    addScaled(a5, b5, scaleLow, scaleHigh, v128.load32_splat(x, 20), sums + 160);
    weight += panelBlockBytes(PAIRS) - BLOCK * PANEL;
    x += tileBlockBytes(Form.Words) - (BLOCK / PAIRS) * TILE_ROWS * 4;
  }
}
