import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenizerMetadata } from '../../../golden/gguf-header.js';
import { goldenJson } from '../../../golden/values.js';
import { qwen3WithMarkers } from '../../../golden/write-checkpoint.js';
import { F32 } from '../../../src/checkpoint/dtypes.js';
import { configFromMetadata } from '../../../src/checkpoint/gguf/config.js';
import type { Metadata, MetadataValue } from '../../../src/checkpoint/gguf/header.js';
import { huggingFaceNames } from '../../../src/checkpoint/gguf/names.js';
import {
  tokenizerConfigFromMetadata,
  tokenizerFromMetadata,
} from '../../../src/checkpoint/gguf/tokenizer.js';
import { parseConfig } from '../../../src/model/config.js';
import { Tokenizer } from '../../../src/reranker/tokenizer.js';
import { failure } from '../../support/failure.js';
import { hostileText, reproducible } from '../../support/hostile-text.js';
import {
  cutAsQwen3,
  EMBEDDED_VOCABULARY,
  embeddedTokenizerFiles,
  qwen3Tokenizer,
} from '../../support/tokenizers.js';

/** Written by the Python package gguf, as llama.cpp's converter does it. */
const PYTHON = goldenJson<{ metadata: Record<string, MetadataValue> }>('gguf.json').metadata;

const changed = (changes: Record<string, MetadataValue | undefined>): Metadata =>
  new Map(
    Object.entries({ ...PYTHON, ...changes }).filter((entry): entry is [string, MetadataValue] => {
      return entry[1] !== undefined;
    }),
  );

describe('the config in GGUF metadata', () => {
  it('is the config.json it was made from', () => {
    expect(parseConfig(configFromMetadata(changed({}), 128))).toEqual({
      layers: 2,
      hiddenSize: 64,
      heads: 4,
      kvHeads: 2,
      headDim: 32,
      intermediateSize: 96,
      vocabularySize: 128,
      maxPositions: 8192,
      rmsNormEpsilon: 1e-6,
      ropeTheta: 1e6,
      windows: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    });
  });

  it('may say which layers slide', () => {
    const windows = (changes: Record<string, MetadataValue>) =>
      parseConfig(configFromMetadata(changed(changes), 128)).windows;
    const window = { 'qwen3.attention.sliding_window': 8 };
    expect(windows({ ...window, 'qwen3.attention.sliding_window_pattern': [true, false] })).toEqual([
      8,
      Number.POSITIVE_INFINITY,
    ]);
    expect(windows({ 'qwen3.attention.sliding_window': 0 })).toEqual([
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
    for (const pattern of [undefined, 4, [1, 0]]) {
      const metadata = changed({ ...window, 'qwen3.attention.sliding_window_pattern': pattern });
      expect(() => configFromMetadata(metadata, 128)).toThrow(
        failure('unsupported-model', /sliding_window is 8, but no list/),
      );
    }
  });

  it.each([
    ['qwen3.block_count'],
    ['qwen3.embedding_length'],
    ['qwen3.feed_forward_length'],
    ['qwen3.context_length'],
    ['qwen3.attention.head_count'],
    ['qwen3.attention.head_count_kv'],
    ['qwen3.attention.layer_norm_rms_epsilon'],
    ['qwen3.rope.freq_base'],
  ])('lacks %s', (key) => {
    expect(() => configFromMetadata(changed({ [key]: undefined }), 128)).toThrow(
      failure('checkpoint-mismatch', new RegExp(`${key} is missing`)),
    );
    expect(() => configFromMetadata(changed({ [key]: [1, 2] }), 128)).toThrow(
      failure('checkpoint-mismatch', new RegExp(`${key} is a list, expected a number`)),
    );
  });

  it.each<[Record<string, MetadataValue>]>([
    [{ 'qwen3.rope.scaling.factor': 1 }],
    [{ 'qwen3.rope.scaling.factor': 0 }],
    [{ 'qwen3.rope.scale_linear': 1 }],
    [{ 'qwen3.rope.scaling.original_context_length': 4096 }],
    [{ 'qwen3.rope.scaling.type': 'none', 'qwen3.rope.scaling.factor': 4 }],
    [{ 'qwen3.rope.scaling.type': 'linear', 'qwen3.rope.scaling.factor': 1 }],
    [{ 'qwen3.rope.scaling.attn_factor': 1, 'qwen3.rope.scaling.finetuned': false }],
  ])('asks with %j for no scaling of angles', (changes) => {
    const plain = configFromMetadata(changed({}), 128);
    expect(configFromMetadata(changed(changes), 128)).toEqual(plain);
  });

  it.each<[string, MetadataValue]>([
    ['qwen3.attention.value_length', 64],
    ['qwen3.rope.dimension_count', 16],
    ['qwen3.attention.causal', false],
    ['qwen3.rope.scaling.type', 'yarn'],
    ['qwen3.rope.scaling.factor', 4],
    ['qwen3.rope.scaling.factor', 0.5],
    ['qwen3.rope.scaling.attn_factor', 2],
    ['qwen3.rope.scaling.yarn_beta_fast', 32],
    ['qwen3.rope.scale_linear', 2],
    ['qwen3.attention.scale', 0.1],
  ])('asks with %s = %j for what is not computed', (key, value) => {
    expect(() => configFromMetadata(changed({ [key]: value }), 128)).toThrow(
      failure('unsupported-model', new RegExp(`GGUF metadata: ${key} is`)),
    );
  });
});

describe('the tensors of a GGUF file', () => {
  it.each(['llama', 'qwen2', undefined])('of the architecture %j are another model’s', (architecture) => {
    const header = { metadata: changed({ 'general.architecture': architecture }), tensors: new Map() };
    expect(() => huggingFaceNames(header, 'test.gguf')).toThrow(
      failure('unsupported-model', /test\.gguf has the architecture .*, expected "qwen3"/),
    );
  });

  it('that no reranker has are refused, but for the language model’s head', () => {
    const entries = (name: string) => ({
      metadata: changed({}),
      tensors: new Map([[name, { dtype: F32, shape: [1], offset: 0 }]]),
    });
    expect(huggingFaceNames(entries('output.weight'), 'test.gguf').size).toBe(0);
    for (const name of [
      'blk.0.attn_q.bias',
      'rope_freqs.weight',
      'blk.00.ffn_up.weight',
      'constructor',
      '',
    ]) {
      expect(() => huggingFaceNames(entries(name), 'test.gguf')).toThrow(
        failure('unsupported-model', /test\.gguf holds the tensor "/),
      );
    }
  });
});

const texts = goldenJson<{ cases: { text: string }[] }>('tokens.json').cases.map(({ text }) => text);
const metadataOf = (tokenizer: Readonly<Record<string, unknown>>, rows: number): Metadata =>
  new Map<string, MetadataValue>([
    ['qwen3.context_length', 8192],
    ...Object.entries(tokenizerMetadata(tokenizer, rows)).map(([key, { value }]) => [key, value] as const),
  ]);
const fromMetadata = (metadata: Metadata) =>
  new Tokenizer({
    tokenizer: tokenizerFromMetadata(metadata),
    tokenizerConfig: tokenizerConfigFromMetadata(metadata),
  });

describe.each([
  {
    name: 'qwen3',
    expected: qwen3Tokenizer(),
    actual: fromMetadata(metadataOf(await qwen3WithMarkers(), 151936)),
  },
  {
    name: 'embedded',
    expected: new Tokenizer(cutAsQwen3(embeddedTokenizerFiles())),
    actual: fromMetadata(metadataOf(embeddedTokenizerFiles().tokenizer, EMBEDDED_VOCABULARY)),
  },
])('the tokenizer $name in GGUF metadata', ({ expected, actual }) => {
  it('gives the ids that tokenizer.json gives', () => {
    const same = (text: string) => {
      expect(actual.encode(text), text).toEqual(expected.encode(text));
    };
    for (const text of texts) same(text);
    fc.assert(fc.property(hostileText, same), reproducible);
  });

  it('decodes as it does', () => {
    for (const text of texts) {
      const ids = expected.encode(text);
      expect(actual.decodeParts(ids)).toEqual(expected.decodeParts(ids));
    }
  });

  it('has the same markers', () => {
    expect([actual.documentMarker, actual.queryMarker]).toEqual([
      expected.documentMarker,
      expected.queryMarker,
    ]);
    expect(actual.maxLength).toBe(8192);
  });
});

describe('a tokenizer in GGUF metadata', () => {
  it('is the tokenizer.json it was made from', () => {
    const { tokenizer } = cutAsQwen3(embeddedTokenizerFiles());
    const { version: _, truncation: __, padding: ___, ...expected } = tokenizer;
    expect(tokenizerFromMetadata(metadataOf(tokenizer, EMBEDDED_VOCABULARY + 12))).toEqual(expected);
  });

  it('knows normal, control, user-defined and unused tokens', () => {
    const tokenizer = tokenizerFromMetadata(changed({}));
    expect(tokenizer).toHaveProperty('model.vocab', { a: 0, b: 1, ab: 2 });
    expect(tokenizer).toHaveProperty('model.merges', [['a', 'b']]);
    expect(tokenizer.added_tokens).toEqual([
      expect.objectContaining({ id: 3, content: '<|embed_token|>', special: true }),
      expect.objectContaining({ id: 4, content: '<|rerank_token|>', special: true }),
      expect.objectContaining({ id: 5, content: '<tool>', special: false }),
    ]);
    expect(() => new Tokenizer({ tokenizer, tokenizerConfig: { model_max_length: 8 } })).toThrow(
      failure('checkpoint-corrupt', /no token stands for the byte 0/),
    );
  });

  it('may have a token that objects have of their own', () => {
    const tokens = ['a', 'b', 'ab', '<x>', '__proto__', '<y>', 'c'];
    const { model } = tokenizerFromMetadata(
      changed({ 'tokenizer.ggml.tokens': tokens, 'tokenizer.ggml.token_type': [1, 1, 1, 3, 1, 3, 1] }),
    );
    expect(Object.entries((model as { vocab: object }).vocab)).toContainEqual(['__proto__', 4]);
  });

  it.each(['model', 'pre', 'tokens', 'token_type', 'merges'])('lacks %s', (part) => {
    const key = `tokenizer.ggml.${part}`;
    const error = (() => {
      try {
        return tokenizerFromMetadata(changed({ [key]: undefined }));
      } catch (e) {
        return e;
      }
    })();
    expect(error).toEqual(failure('checkpoint-mismatch', new RegExp(`has no ${key}`)));
    expect(error).toHaveProperty('hint', expect.stringContaining('tokenizer.json'));
  });

  it.each<[string, string, MetadataValue]>([
    ['unsupported-model', 'model', 'llama'],
    ['unsupported-model', 'pre', 'llama-bpe'],
    ['unsupported-model', 'token_type', [1, 1, 1, 3, 3, 6, 5]],
    ['checkpoint-corrupt', 'token_type', [1]],
    ['checkpoint-corrupt', 'token_type', ['1', '1', '1', '3', '3', '4', '5']],
    ['checkpoint-corrupt', 'tokens', 'a'],
    ['checkpoint-corrupt', 'tokens', ['a', 'b', 'a', '<|embed_token|>', '<|rerank_token|>', '<t>', '[PAD]']],
    ['checkpoint-corrupt', 'merges', ['ab']],
    ['checkpoint-corrupt', 'merges', ['a b c']],
  ])('is %s with %s = %j', (code, part, value) => {
    expect(() => tokenizerFromMetadata(changed({ [`tokenizer.ggml.${part}`]: value }))).toThrow(
      failure(code as 'checkpoint-corrupt'),
    );
  });
});
