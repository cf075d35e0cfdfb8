import { expect, it } from 'vitest';
import { readCheckpoint } from '../../../src/checkpoint/checkpoint.js';
import { ListwiseError } from '../../../src/error.js';
import type { ByteSource } from '../../../src/platform/byte-source.js';
import { patched, uint32Bytes, uint64Bytes, writeGgufBytes } from '../../support/gguf-writer.js';
import { type Random, random } from '../../support/random.js';
import { f32, writeSafetensors } from '../../support/safetensors-writer.js';

const MUTATIONS = 10_000;

const uint32 = (value: number) => ({ type: 'uint32', value }) as const;
const ones = (count: number) => Array<number>(count).fill(1);

const WHOLE = writeGgufBytes(
  {
    'general.architecture': { type: 'string', value: 'qwen3' },
    'general.alignment': uint32(32),
    'qwen3.block_count': uint32(1),
    'qwen3.context_length': uint32(64),
    'qwen3.embedding_length': uint32(32),
    'qwen3.feed_forward_length': uint32(32),
    'qwen3.attention.head_count': uint32(1),
    'qwen3.attention.head_count_kv': uint32(1),
    'qwen3.attention.key_length': uint32(32),
    'qwen3.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e-6 },
    'qwen3.rope.freq_base': { type: 'float32', value: 1e6 },
    'qwen3.attention.sliding_window': uint32(4),
    'qwen3.attention.sliding_window_pattern': { type: 'bools', value: [true] },
    'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
    'tokenizer.ggml.pre': { type: 'string', value: 'qwen2' },
    'tokenizer.ggml.tokens': { type: 'strings', value: ['a', 'b', 'ab', '<x>'] },
    'tokenizer.ggml.token_type': { type: 'int32s', value: [1, 1, 1, 3] },
    'tokenizer.ggml.merges': { type: 'strings', value: ['a b'] },
  },
  {
    'token_embd.weight': { shape: [4, 32], dtype: 'Q8_0', values: ones(128) },
    'output_norm.weight': { shape: [32], dtype: 'F32', values: ones(32) },
    'blk.0.attn_q.weight': { shape: [2, 32], dtype: 'BF16', values: ones(64) },
  },
);
const DATA_BYTES = 160 + 128 + 128;
const HEADER_BYTES = WHOLE.length - DATA_BYTES;
const PROJECTOR = writeSafetensors({ 'linear1.weight': f32([1, 1], [1]) });

const NUMBERS = [
  0,
  1,
  2,
  3,
  7,
  8,
  9,
  12,
  13,
  14,
  24,
  30,
  32,
  33,
  64,
  255,
  256,
  65536,
  2 ** 24,
  2 ** 31,
  2 ** 32 - 1,
];
const COUNTS = [
  0n,
  1n,
  5n,
  31n,
  32n,
  4096n,
  100_000_000n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Changes one thing about the file. The header is small, so numbers at any place often fall on a field. */
function mutate(bytes: Uint8Array, { below, pick }: Random): Uint8Array {
  const end = Math.min(HEADER_BYTES, bytes.length);
  const at = (width: number) => below(Math.max(1, end - width));
  switch (below(6)) {
    case 0:
      return end === 0 ? bytes : patched(bytes, below(end), [below(256)]);
    case 1:
      return end < 4 ? bytes : patched(bytes, at(4), uint32Bytes(pick(NUMBERS)));
    case 2:
      return end < 8 ? bytes : patched(bytes, at(8), uint64Bytes(pick(COUNTS)));
    case 3:
      return bytes.subarray(0, below(bytes.length + 1));
    case 4: {
      // a stretch of the header taken out or put in again
      const from = below(end + 1);
      const to = Math.min(end, from + below(40));
      const parts =
        below(2) === 0
          ? [bytes.subarray(0, from), bytes.subarray(to)]
          : [bytes.subarray(0, to), bytes.subarray(from)];
      return new Uint8Array(Buffer.concat(parts));
    }
    default: {
      // a block's scale, or any other byte of the data
      const place = HEADER_BYTES + below(DATA_BYTES);
      return place >= bytes.length ? bytes : patched(bytes, place, [pick([0, 0x7c, 0x7f, 0xfc, 0xff])]);
    }
  }
}

/** Memory that insists on the contract: whoever reads outside it, or more than it has, is at fault. */
function strictSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    async read(offset, into) {
      const inside = Number.isSafeInteger(offset) && offset >= 0 && offset + into.length <= bytes.length;
      if (!inside) throw new RangeError(`${into.length} bytes from ${offset} on, of ${bytes.length}`);
      into.set(bytes.subarray(offset, offset + into.length));
    },
    close: async () => {},
  };
}

const CODES = ['checkpoint-corrupt', 'checkpoint-mismatch', 'unsupported-model'];

/** True for a checkpoint whose tensors can be read, false for a ListwiseError; anything else throws. */
async function survives(bytes: Uint8Array): Promise<boolean> {
  const files = {
    name: 'fuzzed',
    names: ['model.gguf', 'projector.safetensors'],
    open: async (name: string) => strictSource(name, name === 'model.gguf' ? bytes : PROJECTOR),
  };
  try {
    const { config, tokenizer, tensors } = await readCheckpoint(files);
    expect(config).toHaveProperty('model_type', 'qwen3');
    expect(tokenizer).toHaveProperty('model.type', 'BPE');
    for (const name of ['model.embed_tokens.weight', 'model.layers.0.self_attn.q_proj.weight']) {
      const shape = tensors.shape(name);
      if (shape?.length !== 2) continue;
      const [rows, columns] = shape as [number, number];
      expect(rows * columns).toBeLessThanOrEqual((bytes.length / 50) * 256); // of IQ1_S, which packs closest
      await tensors.matrix(name, rows, columns).read(0, rows, new Float32Array(rows * columns));
    }
    return true;
  } catch (error) {
    if (error instanceof ListwiseError && CODES.includes(error.code)) return false;
    throw error;
  }
}

it(`${MUTATIONS} mutated files are each read inside their bounds or refused`, async () => {
  expect(await survives(WHOLE)).toBe(true);
  const source = random(20260102);
  let valid = 0;
  for (let i = 0; i < MUTATIONS; i++) {
    let bytes = WHOLE;
    for (let changes = 1 + source.below(3); changes > 0; changes--) bytes = mutate(bytes, source);
    if (await survives(bytes)) valid++;
  }
  // Both outcomes must be common, or this proves little.
  expect(valid).toBeGreaterThan(MUTATIONS / 50);
  expect(valid).toBeLessThan(MUTATIONS / 2);
});
