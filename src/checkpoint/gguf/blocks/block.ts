/**
 * What ggml's quantised blocks have in common. A block is a few scales, as f16, and one small integer a value. All
 * multi-byte fields are little-endian. https://github.com/ggml-org/ggml, ggml-quants
 */
import { fromF16 } from '../../../device/half.js';
import type { StoredDtype } from '../../dtypes.js';

/** Decodes the block that begins at byte `at` into the values from `start` on. Returns false if a scale isn't finite. */
type DecodeBlock = (bytes: Uint8Array, at: number, out: Float32Array, start: number) => boolean;

export function blockDtype(
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

/** Values in a block of the larger kinds, K and IQ. */
export const SUPER_VALUES = 256;

export function f16(bytes: Uint8Array, at: number): number {
  return fromF16(uint16(bytes, at));
}

export function uint16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

/** 32 bits, to be shifted: the number they make may be negative. */
export function bits32(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) | (uint16(bytes, at + 2) << 16);
}

export function int8(byte: number): number {
  return (byte << 24) >> 24;
}

/** The nibble `index` of those that begin at byte `at`, the low half of a byte before the high one. */
export function nibble(bytes: Uint8Array, at: number, index: number): number {
  return (bytes[at + (index >> 1)]! >> (4 * (index & 1))) & 15;
}
