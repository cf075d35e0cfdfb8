/** ggml's IQ3 kinds: the magnitudes of four values together are a point of a grid. */
import { bits32, blockDtype, f16, nibble, SUPER_VALUES } from './block.js';
import { grid3s, grid3xxs } from './grids.js';
import { EVEN_SIGNS, writeSigned } from './signs.js';

/**
 * 256 values in groups of 32: scale (f16) · 64 bytes, the points' indices · 32 bits for each group, from the lowest up:
 * four times seven bits of signs, the group's scale s.
 * value = scale · (s + ½) / 2 · ± magnitude
 */
export const IQ3_XXS = blockDtype('IQ3_XXS', SUPER_VALUES, 98, (bytes, at, out, start) => {
  const grid = grid3xxs();
  const scale = f16(bytes, at);
  for (let group = 0; group < 8; group++) {
    const rest = bits32(bytes, at + 66 + 4 * group);
    const step = scale * ((rest >>> 28) + 0.5) * 0.5;
    for (let i = 0; i < 8; i++) {
      const signs = EVEN_SIGNS[(rest >> (7 * (i >> 1))) & 127]! >> (4 * (i & 1));
      const point = bytes[at + 2 + 8 * group + i]!;
      writeSigned(grid, 4 * point, 4, step, signs, out, start + 32 * group + 4 * i);
    }
  }
  return Number.isFinite(scale);
});

/**
 * 256 values: scale (f16) · 64 bytes with the lower eight bits of the points' indices · one bit for each point, the ninth
 * of its index · 32 bytes of signs · four bits for each 32 values, their scale s.
 * value = scale · (2s + 1) · ± magnitude
 */
export const IQ3_S = blockDtype('IQ3_S', SUPER_VALUES, 110, (bytes, at, out, start) => {
  const grid = grid3s();
  const scale = f16(bytes, at);
  for (let i = 0; i < 64; i++) {
    const ninth = (bytes[at + 66 + (i >> 3)]! >> (i & 7)) & 1;
    const point = bytes[at + 2 + i]! | (ninth << 8);
    const step = scale * (2 * nibble(bytes, at + 106, i >> 3) + 1);
    writeSigned(grid, 4 * point, 4, step, nibble(bytes, at + 74, i), out, start + 4 * i);
  }
  return Number.isFinite(scale);
});
