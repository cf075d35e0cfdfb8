/**
 * `linear` in 8-bit integers, two inputs at a time: the product that every engine has. Activations are 16-bit
 * integers, weights are widened to 16 bits as they are loaded, and one instruction multiplies two neighbouring
 * inputs and adds them in 32 bits, exactly.
 */
import { Dtype } from './dtype';
import { asItRests, linear, TILE_ROWS } from './linear';
import { Q4_BLOCK_BYTES, widenPairs } from './q4';
import { BLOCK, PAIRS, PANEL, panelBlockBytes, tileBlockBytes } from './quantize';
import { word } from './step';
import { addScaled } from './scales';

/** Step: as `linear`. */
export function linearQ8Pairs(step: usize, scratch: usize): void {
  const blocks = word(step, 5) / BLOCK;
  const tileBytes = blocks * tileBlockBytes(PAIRS);
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
    // Both halves of a row's sums are loaded before one is stored: else an engine could not join them.
    let xScale = v128.load32_splat(x), sumLow = v128.load(sums), sumHigh = v128.load(sums, 16);
    v128.store(sums, addScaled(a0, xScale, scaleLow, sumLow)); v128.store(sums, addScaled(b0, xScale, scaleHigh, sumHigh), 16);
    xScale = v128.load32_splat(x, 4); sumLow = v128.load(sums, 32); sumHigh = v128.load(sums, 48);
    v128.store(sums, addScaled(a1, xScale, scaleLow, sumLow), 32); v128.store(sums, addScaled(b1, xScale, scaleHigh, sumHigh), 48);
    xScale = v128.load32_splat(x, 8); sumLow = v128.load(sums, 64); sumHigh = v128.load(sums, 80);
    v128.store(sums, addScaled(a2, xScale, scaleLow, sumLow), 64); v128.store(sums, addScaled(b2, xScale, scaleHigh, sumHigh), 80);
    xScale = v128.load32_splat(x, 12); sumLow = v128.load(sums, 96); sumHigh = v128.load(sums, 112);
    v128.store(sums, addScaled(a3, xScale, scaleLow, sumLow), 96); v128.store(sums, addScaled(b3, xScale, scaleHigh, sumHigh), 112);
    xScale = v128.load32_splat(x, 16); sumLow = v128.load(sums, 128); sumHigh = v128.load(sums, 144);
    v128.store(sums, addScaled(a4, xScale, scaleLow, sumLow), 128); v128.store(sums, addScaled(b4, xScale, scaleHigh, sumHigh), 144);
    xScale = v128.load32_splat(x, 20); sumLow = v128.load(sums, 160); sumHigh = v128.load(sums, 176);
    v128.store(sums, addScaled(a5, xScale, scaleLow, sumLow), 160); v128.store(sums, addScaled(b5, xScale, scaleHigh, sumHigh), 176);
    weight += panelBlockBytes(PAIRS) - BLOCK * PANEL;
    x += tileBlockBytes(PAIRS) - (BLOCK / PAIRS) * TILE_ROWS * 4;
  }
}
