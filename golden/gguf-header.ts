/** What stands before the tensors of a GGUF file, as bytes: whole ones, for tests and benchmarks. */
import type { Checkpoint } from '../src/checkpoint/checkpoint.js';
import { parseConfig } from '../src/model/config.js';
import { type EncodedDtype, encodedBytes } from './encode.js';

export type GgufValue =
  | { readonly type: 'uint16' | 'uint32' | 'int32' | 'float32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int32s'; readonly value: readonly number[] }
  | { readonly type: 'bools'; readonly value: readonly boolean[] }
  | { readonly type: 'strings'; readonly value: readonly string[] };

export type GgufMetadata = Readonly<Record<string, GgufValue>>;

export interface GgufTensorInfo {
  readonly name: string;
  readonly shape: readonly number[]; // rows before columns
  readonly dtype: EncodedDtype;
}

/** Where tensors begin: at multiples of it. */
export const GGUF_ALIGNMENT = 32; // bytes

const TYPES = { uint16: 2, uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;
const DTYPES: Readonly<Record<EncodedDtype, number>> = { F32: 0, F16: 1, Q8_0: 8, BF16: 30 };

/** Padded, so that the first tensor can follow. */
export function ggufHeader(metadata: GgufMetadata, tensors: readonly GgufTensorInfo[]): Uint8Array {
  const header = new Header();
  header.bytes(new TextEncoder().encode('GGUF'));
  header.uint32(3);
  header.uint64(tensors.length);
  header.uint64(Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) {
    header.string(key);
    header.value(value);
  }
  let offset = 0;
  for (const { name, shape, dtype } of tensors) {
    header.string(name);
    header.uint32(shape.length);
    for (const size of [...shape].reverse()) header.uint64(size);
    header.uint32(DTYPES[dtype]);
    header.uint64(offset);
    offset += aligned(
      encodedBytes(
        dtype,
        shape.reduce((product, n) => product * n, 1),
      ),
    );
  }
  return header.padded();
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / GGUF_ALIGNMENT) * GGUF_ALIGNMENT;
}

class Header {
  readonly #parts: Uint8Array[] = [];

  bytes(bytes: Uint8Array): void {
    this.#parts.push(bytes);
  }

  uint32(value: number): void {
    this.bytes(new Uint8Array(Uint32Array.of(value).buffer));
  }

  uint64(value: number): void {
    this.bytes(new Uint8Array(BigUint64Array.of(BigInt(value)).buffer));
  }

  string(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.uint64(bytes.length);
    this.bytes(bytes);
  }

  value(entry: GgufValue): void {
    switch (entry.type) {
      case 'int32s':
        this.#list(TYPES.int32, entry.value, (item) => this.uint32(item));
        return;
      case 'bools':
        this.#list(TYPES.bool, entry.value, (item) => this.bytes(Uint8Array.of(Number(item))));
        return;
      case 'strings':
        this.#list(TYPES.string, entry.value, (item) => this.string(item));
        return;
      default:
        this.uint32(TYPES[entry.type]);
    }
    if (entry.type === 'string') this.string(entry.value);
    else if (entry.type === 'bool') this.bytes(Uint8Array.of(Number(entry.value)));
    else if (entry.type === 'uint16') this.bytes(new Uint8Array(Uint16Array.of(entry.value).buffer));
    else if (entry.type === 'uint32' || entry.type === 'int32') this.uint32(entry.value);
    else this.bytes(new Uint8Array(Float32Array.of(entry.value).buffer));
  }

  padded(): Uint8Array {
    const length = this.#parts.reduce((sum, part) => sum + part.length, 0);
    const all = new Uint8Array(aligned(length));
    let position = 0;
    for (const part of this.#parts) {
      all.set(part, position);
      position += part.length;
    }
    return all;
  }

  #list<T>(type: number, items: readonly T[], write: (item: T) => void): void {
    this.uint32(TYPES.array);
    this.uint32(type);
    this.uint64(items.length);
    for (const item of items) write(item);
  }
}

/** The metadata that llama.cpp's converter writes for a Qwen3 without scaled rotary embeddings. */
export function configMetadata(config: Checkpoint['config']): GgufMetadata {
  const parsed = parseConfig(config);
  const uint32 = (value: number) => ({ type: 'uint32', value }) as const;
  const float32 = (value: number) => ({ type: 'float32', value }) as const;
  return {
    'general.architecture': { type: 'string', value: 'qwen3' },
    'qwen3.block_count': uint32(parsed.layers),
    'qwen3.context_length': uint32(parsed.maxPositions),
    'qwen3.embedding_length': uint32(parsed.hiddenSize),
    'qwen3.feed_forward_length': uint32(parsed.intermediateSize),
    'qwen3.attention.head_count': uint32(parsed.heads),
    'qwen3.attention.head_count_kv': uint32(parsed.kvHeads),
    'qwen3.attention.key_length': uint32(parsed.headDim),
    'qwen3.attention.value_length': uint32(parsed.headDim),
    'qwen3.attention.layer_norm_rms_epsilon': float32(parsed.rmsNormEpsilon),
    'qwen3.rope.freq_base': float32(parsed.ropeTheta),
  };
}

/** What each part of a model says, as llama.cpp's gguf-split writes it; `number` counts from 0. */
export function partMetadata(number: number, parts: number, tensors: number): GgufMetadata {
  return {
    'split.no': { type: 'uint16', value: number },
    'split.count': { type: 'uint16', value: parts },
    'split.tensors.count': { type: 'int32', value: tensors },
  };
}

interface TokenizerJson {
  readonly model: { readonly vocab: Record<string, number>; readonly merges: readonly (readonly string[])[] };
  readonly added_tokens: readonly { id: number; content: string; special?: boolean }[];
}

/** A Qwen tokenizer.json; the list of tokens is filled up to the embedding table's rows. */
export function tokenizerMetadata(tokenizer: Checkpoint['tokenizer'], rows: number): GgufMetadata {
  const { model, added_tokens: added } = tokenizer as unknown as TokenizerJson;
  const tokens = Array.from({ length: rows }, (_, id) => `[PAD${id}]`);
  const types = Array<number>(rows).fill(5); // unused
  for (const [token, id] of Object.entries(model.vocab)) {
    tokens[id] = token;
    types[id] = 1; // normal
  }
  for (const { id, content, special } of added) {
    tokens[id] = content;
    types[id] = special ? 3 : 4; // control, user-defined
  }
  return {
    'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
    'tokenizer.ggml.pre': { type: 'string', value: 'qwen2' },
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
    'tokenizer.ggml.token_type': { type: 'int32s', value: types },
    'tokenizer.ggml.merges': { type: 'strings', value: model.merges.map((pair) => pair.join(' ')) },
  };
}
