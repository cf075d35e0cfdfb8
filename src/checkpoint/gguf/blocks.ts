/**
 * ggml's quantised blocks, decoded to f32. A block is a few scales, as f16, and one small integer a value.
 * All multi-byte fields are little-endian. https://github.com/ggml-org/ggml, ggml-quants
 */
import { fromF16 } from '../../device/half.js';
import type { StoredDtype } from '../dtypes.js';

/** Decodes the block that begins at byte `at` into the values from `start` on. Returns false if a scale isn't finite. */
type DecodeBlock = (bytes: Uint8Array, at: number, out: Float32Array, start: number) => boolean;

function blockDtype(
  name: string,
  blockValues: number,
  blockBytes: number,
  decodeBlock: DecodeBlock,
): StoredDtype {
  return {
    name,
    blockValues,
    blockBytes,
    decode(bytes, out) {
      let finite = true;
      for (let at = 0, start = 0; start < out.length; at += blockBytes, start += blockValues) {
        if (!decodeBlock(bytes, at, out, start)) finite = false;
      }
      return finite;
    },
  };
}

function f16(bytes: Uint8Array, at: number): number {
  return fromF16(bytes[at]! | (bytes[at + 1]! << 8));
}

function int8(byte: number): number {
  return (byte << 24) >> 24;
}

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

/** Values in a block of the K kind, and in each of the eight groups that have a scale and a minimum in Q4_K and Q5_K. */
const K_VALUES = 256;
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
export const Q4_K = blockDtype('Q4_K', K_VALUES, 144, (bytes, at, out, start) => {
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
export const Q5_K = blockDtype('Q5_K', K_VALUES, 176, (bytes, at, out, start) => {
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
export const Q6_K = blockDtype('Q6_K', K_VALUES, 210, (bytes, at, out, start) => {
  const scale = f16(bytes, at + 208);
  for (let i = 0; i < K_VALUES; i++) {
    const half = i >> 7;
    const inHalf = i & 127;
    const low = (bytes[at + 64 * half + (i & 63)]! >> (4 * (inHalf >> 6))) & 15;
    const high = (bytes[at + 128 + 32 * half + (i & 31)]! >> (2 * (inHalf >> 5))) & 3;
    const step = scale * int8(bytes[at + 192 + (i >> 4)]!);
    out[start + i] = step * ((low | (high << 4)) - 32);
  }
  return Number.isFinite(scale);
});
