/** ggml's IQ1 kinds: eight values together are a point of one grid, all moved an eighth up or down. */
import { fromF16 } from '../../../device/half.js';
import { blockDtype, f16, nibble, SUPER_VALUES, uint16 } from './block.js';
import { grid1 } from './grids.js';

const SHIFT = 0.125;

/** Writes the eight values of a point. */
function writePoint(point: number, step: number, shift: number, out: Float32Array, start: number): void {
  const grid = grid1();
  for (let i = 0; i < 8; i++) out[start + i] = step * (grid[8 * point + i]! + shift);
}

/**
 * 256 values in groups of 32: scale (f16) · 32 bytes with the lower eight bits of the points' indices · 2 bytes for each
 * group, from the lowest bit up: the upper three bits of its four indices, its scale s (three bits), 1 for down.
 * value = scale · (2s + 1) · (point ± 0.125)
 */
export const IQ1_S = blockDtype('IQ1_S', SUPER_VALUES, 50, (bytes, at, out, start) => {
  const scale = f16(bytes, at);
  for (let group = 0; group < 8; group++) {
    const rest = uint16(bytes, at + 34 + 2 * group);
    const step = scale * (2 * ((rest >> 12) & 7) + 1);
    const shift = rest >> 15 ? -SHIFT : SHIFT;
    for (let i = 0; i < 4; i++) {
      const point = bytes[at + 2 + 4 * group + i]! | (((rest >> (3 * i)) & 7) << 8);
      writePoint(point, step, shift, out, start + 32 * group + 8 * i);
    }
  }
  return Number.isFinite(scale);
});

/**
 * 256 values: 32 bytes with the lower eight bits of the points' indices · four bits for each point: the upper three of
 * its index, 1 for down · 4 × 2 bytes, each with the scales s of four groups of 16 values, three bits each from the lowest
 * up, and a quarter of the f16 scale in the upper four, the last quarter its sign.
 * value = scale · (2s + 1) · (point ± 0.125)
 */
export const IQ1_M = blockDtype('IQ1_M', SUPER_VALUES, 56, (bytes, at, out, start) => {
  const scales = at + 48;
  let half = 0;
  for (let i = 0; i < 4; i++) half |= (uint16(bytes, scales + 2 * i) >> 12) << (4 * i);
  const scale = fromF16(half);
  for (let i = 0; i < 32; i++) {
    const group = i >> 1;
    const s = (uint16(bytes, scales + 2 * (group >> 2)) >> (3 * (group & 3))) & 7;
    const rest = nibble(bytes, at + 32, i);
    const point = bytes[at + i]! | ((rest & 7) << 8);
    writePoint(point, scale * (2 * s + 1), rest & 8 ? -SHIFT : SHIFT, out, start + 8 * i);
  }
  return Number.isFinite(scale);
});
