/** ggml's first kinds of block: 32 values under one scale; where the name ends in 1, from a minimum upwards. */
import { bits32, blockDtype, f16, int8 } from './block.js';

/**
 * 32 values: scale (f16) · 32 × int8.
 * value = scale · q
 */
export const Q8_0 = blockDtype('Q8_0', 32, 34, (bytes, at, out, start) => {
  const scale = f16(bytes, at);
  for (let i = 0; i < 32; i++) out[start + i] = scale * int8(bytes[at + 2 + i]!);
  return Number.isFinite(scale);
});

/**
 * 32 values: scale (f16) · 16 bytes, whose low halves are values 0 to 15 and whose high halves are 16 to 31.
 * value = scale · (q − 8)
 */
export const Q4_0 = blockDtype('Q4_0', 32, 18, (bytes, at, out, start) => {
  const scale = f16(bytes, at);
  for (let i = 0; i < 16; i++) {
    const pair = bytes[at + 2 + i]!;
    out[start + i] = scale * ((pair & 15) - 8);
    out[start + 16 + i] = scale * ((pair >> 4) - 8);
  }
  return Number.isFinite(scale);
});

/**
 * 32 values: scale, minimum (f16 each) · 16 bytes, as in Q4_0.
 * value = scale · q + minimum
 */
export const Q4_1 = blockDtype('Q4_1', 32, 20, (bytes, at, out, start) => {
  const scale = f16(bytes, at);
  const minimum = f16(bytes, at + 2);
  for (let i = 0; i < 16; i++) {
    const pair = bytes[at + 4 + i]!;
    out[start + i] = scale * (pair & 15) + minimum;
    out[start + 16 + i] = scale * (pair >> 4) + minimum;
  }
  return Number.isFinite(scale) && Number.isFinite(minimum);
});

/**
 * 32 values: scale (f16) · 4 bytes of fifth bits, from the lowest up · 16 bytes of the lower four bits, as in Q4_0.
 * value = scale · (q − 16)
 */
export const Q5_0 = blockDtype('Q5_0', 32, 22, (bytes, at, out, start) => {
  const scale = f16(bytes, at);
  const fifths = bits32(bytes, at + 2);
  for (let i = 0; i < 16; i++) {
    const pair = bytes[at + 6 + i]!;
    out[start + i] = scale * (((pair & 15) | (((fifths >> i) & 1) << 4)) - 16);
    out[start + 16 + i] = scale * (((pair >> 4) | (((fifths >> (16 + i)) & 1) << 4)) - 16);
  }
  return Number.isFinite(scale);
});

/**
 * 32 values: scale, minimum (f16 each) · 4 bytes of fifth bits · 16 bytes, both as in Q5_0.
 * value = scale · q + minimum
 */
export const Q5_1 = blockDtype('Q5_1', 32, 24, (bytes, at, out, start) => {
  const scale = f16(bytes, at);
  const minimum = f16(bytes, at + 2);
  const fifths = bits32(bytes, at + 4);
  for (let i = 0; i < 16; i++) {
    const pair = bytes[at + 8 + i]!;
    out[start + i] = scale * ((pair & 15) | (((fifths >> i) & 1) << 4)) + minimum;
    out[start + 16 + i] = scale * ((pair >> 4) | (((fifths >> (16 + i)) & 1) << 4)) + minimum;
  }
  return Number.isFinite(scale) && Number.isFinite(minimum);
});
