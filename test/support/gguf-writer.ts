/** Small GGUF files in memory, whole ones and lying ones. */
import { type EncodedDtype, encode } from '../../golden/encode.js';
import { aligned, type GgufMetadata, ggufHeader } from '../../golden/gguf-header.js';

export interface GgufTensor {
  readonly shape: readonly number[];
  readonly dtype: EncodedDtype;
  readonly values: readonly number[];
}

export type GgufTensors = Readonly<Record<string, GgufTensor>>;

export function writeGgufBytes(metadata: GgufMetadata, tensors: GgufTensors): Uint8Array {
  const infos = Object.entries(tensors).map(([name, tensor]) => ({ name, ...tensor }));
  const header = ggufHeader(metadata, infos);
  const data = infos.map(({ dtype, values }) => {
    const bytes = encode(dtype, Float32Array.from(values));
    const padded = new Uint8Array(aligned(bytes.length));
    padded.set(bytes);
    return padded;
  });
  return new Uint8Array(Buffer.concat([header, ...data]));
}

/** A copy in which `bytes` stand from `at` on. */
export function patched(file: Uint8Array, at: number, bytes: ArrayLike<number>): Uint8Array {
  const copy = Uint8Array.from(file);
  copy.set(bytes, at);
  return copy;
}

export function uint32Bytes(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

export function uint64Bytes(value: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(value).buffer);
}

/** Where a text stands in a file. */
export function positionOf(file: Uint8Array, text: string): number {
  const at = Buffer.from(file.buffer, file.byteOffset, file.length).indexOf(text);
  if (at < 0) throw new Error(`no ${text} in the file`);
  return at;
}
