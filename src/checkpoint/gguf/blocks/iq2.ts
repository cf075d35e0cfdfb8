/** ggml's IQ2 kinds: the magnitudes of eight values together are a point of a grid. */
import { bits32, blockDtype, f16, nibble, SUPER_VALUES, uint16 } from './block.js';
import { grid2s, grid2xs, grid2xxs } from './grids.js';
import { EVEN_SIGNS, writeSigned } from './signs.js';

/**
 * 256 values in groups of 32: scale (f16) · 8 bytes for each group: the indices of four points, then 32 bits, from the
 * lowest up: four times seven bits of signs, the group's scale s.
 * value = scale · (s + ½) / 4 · ± magnitude
 */
export const IQ2_XXS = blockDtype('IQ2_XXS', SUPER_VALUES, 66, (bytes, at, out, start) => {
  const grid = grid2xxs();
  const scale = f16(bytes, at);
  for (let group = 0; group < 8; group++) {
    const points = at + 2 + 8 * group;
    const rest = bits32(bytes, points + 4);
    const step = scale * ((rest >>> 28) + 0.5) * 0.25;
    for (let i = 0; i < 4; i++) {
      const signs = EVEN_SIGNS[(rest >> (7 * i)) & 127]!;
      writeSigned(grid, 8 * bytes[points + i]!, 8, step, signs, out, start + 32 * group + 8 * i);
    }
  }
  return Number.isFinite(scale);
});

/**
 * 256 values: scale (f16) · 32 × 2 bytes, from the lowest bit up: nine bits of a point's index, seven of signs · four bits
 * for each 16 values, their scale s.
 * value = scale · (s + ½) / 4 · ± magnitude
 */
export const IQ2_XS = blockDtype('IQ2_XS', SUPER_VALUES, 74, (bytes, at, out, start) => {
  const grid = grid2xs();
  const scale = f16(bytes, at);
  for (let i = 0; i < 32; i++) {
    const point = uint16(bytes, at + 2 + 2 * i);
    const step = scale * (nibble(bytes, at + 66, i >> 1) + 0.5) * 0.25;
    writeSigned(grid, 8 * (point & 511), 8, step, EVEN_SIGNS[point >> 9]!, out, start + 8 * i);
  }
  return Number.isFinite(scale);
});

/**
 * 256 values: scale (f16) · 32 bytes with the lower eight bits of the points' indices · 32 bytes of signs · two bits for
 * each point, the upper ones of its index · four bits for each 16 values, their scale s.
 * value = scale · (s + ½) / 4 · ± magnitude
 */
export const IQ2_S = blockDtype('IQ2_S', SUPER_VALUES, 82, (bytes, at, out, start) => {
  const grid = grid2s();
  const scale = f16(bytes, at);
  for (let i = 0; i < 32; i++) {
    const upperTwo = (bytes[at + 66 + (i >> 2)]! >> (2 * (i & 3))) & 3;
    const point = bytes[at + 2 + i]! | (upperTwo << 8);
    const step = scale * (nibble(bytes, at + 74, i >> 1) + 0.5) * 0.25;
    writeSigned(grid, 8 * point, 8, step, bytes[at + 34 + i]!, out, start + 8 * i);
  }
  return Number.isFinite(scale);
});
