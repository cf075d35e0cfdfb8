/** Writes safetensors files, whole ones and lying ones. */

export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export type StoredTensors = Readonly<Record<string, StoredTensor>>;

/** A whole file: the tensors in the order given. */
export function writeSafetensors(tensors: StoredTensors): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let position = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [position, position + bytes.length] };
    position += bytes.length;
  }
  return withHeader(JSON.stringify(header), ...Object.values(tensors).map(({ bytes }) => bytes));
}

/** A file with any header at all, true or not. */
export function withHeader(header: string | Uint8Array, ...data: readonly Uint8Array[]): Uint8Array {
  const bytes = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return concatenated([length, bytes, ...data]);
}

export function f32(shape: readonly number[], values: readonly number[] | Float32Array): StoredTensor {
  return { dtype: 'F32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

/** The values rounded down to bfloat16: near enough for weights that are random anyway. */
export function bf16(shape: readonly number[], values: readonly number[] | Float32Array): StoredTensor {
  const words = new Uint32Array(Float32Array.from(values).buffer);
  return {
    dtype: 'BF16',
    shape,
    bytes: new Uint8Array(Uint16Array.from(words, (word) => word >>> 16).buffer),
  };
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    all.set(part, position);
    position += part.length;
  }
  return all;
}
