/** ggml's K kinds of block: 256 values, whose groups of 16 or 32 have small scales of their own under one for all. */
import { blockDtype, f16, int8, SUPER_VALUES } from './block.js';

/**
 * 256 values: a byte for each 16 values with a scale s (low) and a minimum m (high) · 2 × 32 bytes for the two halves of
 * 128 values, of which i, i + 32, i + 64, i + 96 are in byte i, from the lowest bits up · scale, minimum (f16 each).
 * value = scale · s · q − minimum · m
 */
export const Q2_K = blockDtype('Q2_K', SUPER_VALUES, 84, (bytes, at, out, start) => {
  const scale = f16(bytes, at + 80);
  const minimum = f16(bytes, at + 82);
  for (let group = 0; group < 16; group++) {
    const step = scale * (bytes[at + group]! & 15);
    const least = minimum * (bytes[at + group]! >> 4);
    const low = at + 16 + pairsBegin(group);
    const shift = pairsShift(group);
    for (let i = 0; i < 16; i++) {
      out[start + 16 * group + i] = step * ((bytes[low + i]! >> shift) & 3) - least;
    }
  }
  return Number.isFinite(scale) && Number.isFinite(minimum);
});

/** In which of the 64 bytes with two bits for each value a group of 16 begins, and in which of their bits it lies. */
function pairsBegin(group: number): number {
  return 32 * (group >> 3) + 16 * (group & 1);
}

function pairsShift(group: number): number {
  return 2 * ((group >> 1) & 3);
}

/**
 * 256 values: 32 bytes of third bits, where bit g of byte i belongs to value 32·g + i · 64 bytes of the lower two bits,
 * as in Q2_K · 12 bytes with a scale s of 6 bits for each 16 values: the low four bits of scales 0–7 are the low halves of
 * bytes 0–7, those of 8–15 the high halves; the upper two of scales i, i + 4, i + 8, i + 12 are in byte 8 + i, from the
 * lowest up · scale (f16).
 * value = scale · (s − 32) · (q − 4)
 */
export const Q3_K = blockDtype('Q3_K', SUPER_VALUES, 110, (bytes, at, out, start) => {
  const scale = f16(bytes, at + 108);
  const scales = at + 96;
  for (let group = 0; group < 16; group++) {
    const lowFour = (bytes[scales + (group & 7)]! >> (4 * (group >> 3))) & 15;
    const upperTwo = (bytes[scales + 8 + (group & 3)]! >> (2 * (group >> 2))) & 3;
    const step = scale * ((lowFour | (upperTwo << 4)) - 32);
    const third = at + 16 * (group & 1);
    const low = at + 32 + pairsBegin(group);
    const shift = pairsShift(group);
    for (let i = 0; i < 16; i++) {
      const q = ((bytes[low + i]! >> shift) & 3) | (((bytes[third + i]! >> (group >> 1)) & 1) << 2);
      out[start + 16 * group + i] = step * (q - 4);
    }
  }
  return Number.isFinite(scale);
});

/** Values in each of the eight groups that have a scale and a minimum in Q4_K and Q5_K. */
const GROUP = 32;

/**
 * Twelve bytes with a scale s and a minimum m of 6 bits for each of eight groups. Groups 0 to 3 have the low six bits
 * of bytes 0–3 (s) and 4–7 (m). Groups 4 to 7 have four bits in bytes 8–11 (s low, m high), and their upper two bits
 * are the upper two of bytes 0–3 and 4–7.
 */
function groupScale(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + group]! & 63;
  return (bytes[at + group + 4]! & 15) | ((bytes[at + group - 4]! >> 6) << 4);
}

function groupMinimum(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + group + 4]! & 63;
  return (bytes[at + group + 4]! >> 4) | ((bytes[at + group]! >> 6) << 4);
}

/**
 * 256 values: scale, minimum (f16 each) · 12 bytes of the groups' scales and minima · 128 bytes: each 32 of them are two
 * groups, the low halves and the high halves.
 * value = scale · s · q − minimum · m
 */
export const Q4_K = blockDtype('Q4_K', SUPER_VALUES, 144, (bytes, at, out, start) => {
  const scale = f16(bytes, at);
  const minimum = f16(bytes, at + 2);
  for (let group = 0; group < 8; group++) {
    const step = scale * groupScale(bytes, at + 4, group);
    const least = minimum * groupMinimum(bytes, at + 4, group);
    const low = at + 16 + GROUP * (group >> 1);
    const shift = 4 * (group & 1);
    for (let i = 0; i < GROUP; i++) {
      out[start + GROUP * group + i] = step * ((bytes[low + i]! >> shift) & 15) - least;
    }
  }
  return Number.isFinite(scale) && Number.isFinite(minimum);
});

/**
 * 256 values: scale, minimum (f16 each) · 12 bytes of the groups' scales and minima · 32 bytes of fifth bits, where bit g
 * of byte i belongs to value i of group g · 128 bytes of the lower four bits, as in Q4_K.
 * value = scale · s · q − minimum · m
 */
export const Q5_K = blockDtype('Q5_K', SUPER_VALUES, 176, (bytes, at, out, start) => {
  const scale = f16(bytes, at);
  const minimum = f16(bytes, at + 2);
  const high = at + 16;
  for (let group = 0; group < 8; group++) {
    const step = scale * groupScale(bytes, at + 4, group);
    const least = minimum * groupMinimum(bytes, at + 4, group);
    const low = at + 48 + GROUP * (group >> 1);
    const shift = 4 * (group & 1);
    for (let i = 0; i < GROUP; i++) {
      const q = ((bytes[low + i]! >> shift) & 15) | (((bytes[high + i]! >> group) & 1) << 4);
      out[start + GROUP * group + i] = step * q - least;
    }
  }
  return Number.isFinite(scale) && Number.isFinite(minimum);
});

/**
 * 256 values in two halves of 128: 2 × 64 bytes of lower four bits (the low halves of the bytes are values 0 to 63 of
 * their 128, the high halves 64 to 127) · 2 × 32 bytes of upper two bits (values i, i + 32, i + 64, i + 96 of their 128
 * from the lowest bits of byte i up) · an int8 for each 16 values · scale (f16).
 * value = scale · s · (q − 32)
 */
export const Q6_K = blockDtype('Q6_K', SUPER_VALUES, 210, (bytes, at, out, start) => {
  const scale = f16(bytes, at + 208);
  for (let i = 0; i < SUPER_VALUES; i++) {
    const half = i >> 7;
    const inHalf = i & 127;
    const low = (bytes[at + 64 * half + (i & 63)]! >> (4 * (inHalf >> 6))) & 15;
    const high = (bytes[at + 128 + 32 * half + (i & 31)]! >> (2 * (inHalf >> 5))) & 3;
    const step = scale * int8(bytes[at + 192 + (i >> 4)]!);
    out[start + i] = step * ((low | (high << 4)) - 32);
  }
  return Number.isFinite(scale);
});
