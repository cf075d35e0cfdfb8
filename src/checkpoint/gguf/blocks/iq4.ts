/** ggml's kinds of block with codes of 4 bits for levels that lie closer together around zero. */
import { blockDtype, f16, nibble, SUPER_VALUES, uint16 } from './block.js';

const LEVELS = Int8Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

/** Writes 32 values: the low halves of 16 bytes, then the high halves. */
function writeLevels(bytes: Uint8Array, at: number, step: number, out: Float32Array, start: number): void {
  for (let i = 0; i < 16; i++) {
    const pair = bytes[at + i]!;
    out[start + i] = step * LEVELS[pair & 15]!;
    out[start + 16 + i] = step * LEVELS[pair >> 4]!;
  }
}

/**
 * 32 values: scale (f16) · 16 bytes of codes.
 * value = scale · level
 */
export const IQ4_NL = blockDtype('IQ4_NL', 32, 18, (bytes, at, out, start) => {
  const scale = f16(bytes, at);
  writeLevels(bytes, at + 2, scale, out, start);
  return Number.isFinite(scale);
});

/**
 * 256 values in groups of 32: scale (f16) · 2 bytes with the upper two bits of the groups' scales s, from the lowest up ·
 * 4 bytes with the lower four · 16 bytes of codes for each group.
 * value = scale · (s − 32) · level
 */
export const IQ4_XS = blockDtype('IQ4_XS', SUPER_VALUES, 136, (bytes, at, out, start) => {
  const scale = f16(bytes, at);
  const upperTwo = uint16(bytes, at + 2);
  for (let group = 0; group < 8; group++) {
    const s = nibble(bytes, at + 4, group) | (((upperTwo >> (2 * group)) & 3) << 4);
    writeLevels(bytes, at + 8 + 16 * group, scale * (s - 32), out, start + 32 * group);
  }
  return Number.isFinite(scale);
});
