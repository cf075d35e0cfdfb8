/** The dtypes in which checkpoints store tensors, and how each becomes f32. */

import { fromF16 } from '../device/half.js';

export type StoredDtype = 'F32' | 'F16' | 'BF16';

export const STORED_BYTES: Readonly<Record<StoredDtype, number>> = { F32: 4, F16: 2, BF16: 2 };

export function isStoredDtype(dtype: string): dtype is StoredDtype {
  return Object.hasOwn(STORED_BYTES, dtype);
}

/** Decodes little-endian values into `out`, which says how many. Returns false if one is a NaN or an infinity. */
export function decode(dtype: StoredDtype, bytes: Uint8Array, out: Float32Array): boolean {
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length);
  if (dtype === 'F32') return decodeF32(bytes, words);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, out.length);
  return dtype === 'BF16' ? decodeBF16(halves, words) : decodeF16(halves, out);
}

function decodeF32(bytes: Uint8Array, words: Uint32Array): boolean {
  words.set(new Uint32Array(bytes.buffer, bytes.byteOffset, words.length));
  let finite = true;
  for (let i = 0; i < words.length; i++) finite &&= (words[i]! & 0x7f800000) !== 0x7f800000;
  return finite;
}

/** A bfloat16 is the upper half of a float. */
function decodeBF16(halves: Uint16Array, words: Uint32Array): boolean {
  let finite = true;
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    words[i] = half << 16;
    finite &&= (half & 0x7f80) !== 0x7f80;
  }
  return finite;
}

function decodeF16(halves: Uint16Array, out: Float32Array): boolean {
  let finite = true;
  for (let i = 0; i < halves.length; i++) {
    out[i] = fromF16(halves[i]!);
    finite &&= (halves[i]! & 0x7c00) !== 0x7c00;
  }
  return finite;
}
