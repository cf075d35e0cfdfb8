/** f32 values as checkpoints store them: the other direction of src/checkpoint's dtypes. */
import { bf16FromBits, bitsOf, f16FromBits } from '../src/device/half.js';

export type EncodedDtype = 'F32' | 'F16' | 'BF16' | 'Q8_0';

const Q8_0_VALUES = 32;
const Q8_0_BYTES = 34;

/** Bytes that `count` values take; of Q8_0, whole blocks. */
export function encodedBytes(dtype: EncodedDtype, count: number): number {
  if (dtype === 'Q8_0') return (count / Q8_0_VALUES) * Q8_0_BYTES;
  return dtype === 'F32' ? 4 * count : 2 * count;
}

export function encode(dtype: EncodedDtype, values: Float32Array): Uint8Array {
  if (dtype === 'Q8_0') return encodeQ8_0(values);
  if (dtype === 'F32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const narrow = dtype === 'BF16' ? bf16FromBits : f16FromBits;
  const bits = bitsOf(values);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < halves.length; i++) halves[i] = narrow(bits[i]!);
  return new Uint8Array(halves.buffer);
}

/** As ggml quantises: scale = max|x| / 127, q = x / scale in 32-bit arithmetic, halves away from zero. */
function encodeQ8_0(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(encodedBytes('Q8_0', values.length));
  const scale = new Float32Array(1);
  for (let at = 0, start = 0; start < values.length; at += Q8_0_BYTES, start += Q8_0_VALUES) {
    const block = values.subarray(start, start + Q8_0_VALUES);
    let largest = 0;
    for (const value of block) largest = Math.max(largest, Math.abs(value));
    scale[0] = largest / 127;
    const inverse = scale[0] === 0 ? 0 : Math.fround(1 / scale[0]!);
    const half = f16FromBits(bitsOf(scale)[0]!);
    bytes[at] = half;
    bytes[at + 1] = half >> 8;
    for (let i = 0; i < Q8_0_VALUES; i++) {
      const quotient = Math.fround(block[i]! * inverse);
      bytes[at + 2 + i] = Math.sign(quotient) * Math.round(Math.abs(quotient));
    }
  }
  return bytes;
}
