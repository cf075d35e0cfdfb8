import { describe, expect, it } from 'vitest';
import { goldenJson } from '../../golden/values.js';
import { parseConfig } from '../../src/model/config.js';
import { failure } from '../support/failure.js';
import { readJson } from '../support/tokenizers.js';

const JINA = readJson('golden/jina-reranker-v3.config.json');

/** The released config with some keys changed; `undefined` takes a key away. */
const parse = (changes: Record<string, unknown> = {}) => {
  const json = Object.entries({ ...JINA, ...changes }).filter(([, value]) => value !== undefined);
  return parseConfig(Object.fromEntries(json));
};

/** What transformers reads: golden/configs.py. */
interface Golden {
  readonly base: Record<string, unknown>;
  readonly cases: readonly {
    readonly changes: Record<string, unknown>;
    readonly read?: { ropeTheta: number; headDim: number; windows: readonly (number | null)[] };
  }[];
}

const FULL = Number.POSITIVE_INFINITY;

describe('config.json', () => {
  it('of jina-reranker-v3 is understood', () => {
    expect(parse()).toEqual({
      layers: 28,
      hiddenSize: 1024,
      heads: 16,
      kvHeads: 8,
      headDim: 128,
      intermediateSize: 3072,
      vocabularySize: 151936,
      maxPositions: 131072,
      rmsNormEpsilon: 1e-6,
      ropeTheta: 1e6,
      windows: Array(28).fill(FULL),
    });
  });

  it('of the embedded model is understood', () => {
    expect(parseConfig(readJson('weights/config.json'))).toMatchObject({
      layers: 4,
      heads: 4,
      kvHeads: 4,
      maxPositions: 8192,
    });
  });

  describe.each([
    'num_hidden_layers',
    'hidden_size',
    'num_attention_heads',
    'num_key_value_heads',
    'intermediate_size',
    'vocab_size',
    'max_position_embeddings',
  ])('%s', (key) => {
    it.each([
      [undefined, 'missing'],
      [null, 'null'],
      [0, '0'],
      [-8, '-8'],
      [1.5, '1.5'],
      [2 ** 53, '9007199254740992'],
      ['8', '"8"'],
      [[8], '\\[8\\]'],
      [true, 'true'],
      [{}, '{}'],
    ])('is refused as %j', (value, shown) => {
      const message = new RegExp(`config\\.json: ${key} is ${shown}, expected a whole number`);
      expect(() => parse({ [key]: value })).toThrow(failure('checkpoint-mismatch', message));
    });
  });

  describe.each(['rms_norm_eps', 'rope_theta'])('%s', (key) => {
    it.each([[undefined], [null], [0], [-1e-6], ['1e-6'], [[1]], [Number.POSITIVE_INFINITY]])(
      'is refused as %j',
      (value) => {
        const message = new RegExp(`config\\.json: ${key} is .*, expected a positive number`);
        expect(() => parse({ [key]: value })).toThrow(failure('checkpoint-mismatch', message));
      },
    );
  });

  it.each([
    ['heads that key-value heads do not divide', { num_key_value_heads: 5 }, /16 query heads can't share 5/],
    ['a head_dim that is no number', { head_dim: null }, /head_dim is null, expected a whole number/],
    ['an odd head_dim', { head_dim: 127 }, /head_dim is 127; rotary embeddings need an even number/],
    ['layers without end', { num_hidden_layers: 2 ** 50 }, /num_hidden_layers is 1125899906842624/],
    ['layers by the billion', { num_hidden_layers: 2 ** 31 }, /num_hidden_layers is 2147483648/],
  ])('with %s is refused', (_what, changes, message) => {
    expect(() => parse(changes)).toThrow(failure('checkpoint-mismatch', message));
  });

  it.each([
    ['model_type', undefined],
    ['model_type', 'qwen2'],
    ['model_type', 'qwen3_moe'],
    ['hidden_act', 'gelu'],
    ['hidden_act', null],
    ['attention_bias', true],
    ['mlp_bias', true],
    ['partial_rotary_factor', 0.5],
    ['quantization_config', { quant_method: 'gptq', bits: 4 }],
    ['quantization_config', {}],
  ])('whose %s is %j asks for what is not computed', (key, value) => {
    const error = (() => {
      try {
        return parse({ [key]: value });
      } catch (e) {
        return e;
      }
    })();
    expect(error).toEqual(failure('unsupported-model', new RegExp(`config\\.json: ${key} is .*, expected`)));
    expect(error).toHaveProperty('hint', expect.stringContaining('jina-reranker-v3'));
  });

  it.each([
    ['hidden_act', undefined],
    ['attention_bias', undefined],
    ['rope_scaling', undefined],
    ['quantization_config', null],
    ['partial_rotary_factor', 1],
  ])('whose %s is %j is the released model still', (key, value) => {
    expect(parse({ [key]: value })).toEqual(parse());
  });
});

describe('keys that contradict, are missing or have an older form', () => {
  const { base, cases } = goldenJson<Golden>('configs.json');

  it.each(cases.flatMap(({ changes, read }) => (read ? [{ changes, read }] : [])))(
    'are read as transformers reads them: $changes',
    ({ changes, read }) => {
      const { ropeTheta, headDim, windows } = parseConfig({ ...base, ...changes });
      expect({ ropeTheta, headDim, windows }).toEqual({
        ...read,
        windows: read.windows.map((window) => window ?? FULL),
      });
    },
  );

  it.each(cases.filter(({ read }) => !read))('are refused where it fails: $changes', ({ changes }) => {
    expect(() => parseConfig({ ...base, ...changes })).toThrow(
      failure(expect.stringMatching(/^(checkpoint-mismatch|unsupported-model)$/), /^config\.json: /),
    );
  });
});

describe.each(['rope_scaling', 'rope_parameters'])('%s', (key) => {
  const parseRope = (parameters: unknown) => parse({ rope_theta: undefined, [key]: parameters });

  it.each([
    [{ type: 'yarn', rope_theta: 1e6, factor: 4 }],
    [{ rope_type: 'yarn', rope_theta: 1e6, factor: 4 }],
    [{ rope_type: 'linear', rope_theta: 1e6, factor: 2 }],
    [{ rope_type: 'default', rope_theta: 1e6, partial_rotary_factor: 0.25 }],
    [{ full_attention: { rope_type: 'default', rope_theta: 1e6 } }],
  ])('of %j asks for what is not computed', (parameters) => {
    const message = new RegExp(`config\\.json: ${key}[. ].*, expected`);
    expect(() => parseRope(parameters)).toThrow(failure('unsupported-model', message));
  });

  it.each([
    { parameters: 7 },
    { parameters: 'default' },
    { parameters: [] },
    { parameters: {} },
    { parameters: null },
    { parameters: { rope_type: 'default' } },
    { parameters: { rope_type: 'default', rope_theta: '1e6' } },
  ])('of $parameters is refused', ({ parameters }) => {
    expect(() => parseRope(parameters)).toThrow(
      failure('checkpoint-mismatch', /rope_(parameters|scaling|theta) is/),
    );
  });
});

it('without any rope_theta is refused, though another form beside it has one', () => {
  const rope_parameters = { rope_type: 'default', rope_theta: 1e6 };
  expect(() =>
    parse({ rope_theta: undefined, rope_scaling: { rope_type: 'default' }, rope_parameters }),
  ).toThrow(failure('checkpoint-mismatch', /rope_theta is missing/));
});

describe('windows of attention', () => {
  const windows = (changes: Record<string, unknown>) => parse({ num_hidden_layers: 4, ...changes }).windows;

  it('follow layer_types, as in jina-reranker-v3.5', () => {
    const types = ['sliding_attention', 'sliding_attention', 'full_attention', 'full_attention'];
    const slide = { layer_types: types, sliding_window: 1024 };
    expect(windows({ ...slide, use_sliding_window: true })).toEqual([1024, 1024, FULL, FULL]);
    expect(windows({ ...slide, use_sliding_window: undefined })).toEqual([1024, 1024, FULL, FULL]);
  });

  it('follow layer_types rather than the older keys', () => {
    const older = { use_sliding_window: true, max_window_layers: 0, sliding_window: 8 };
    expect(windows({ layer_types: Array(4).fill('full_attention'), ...older })).toEqual([
      FULL,
      FULL,
      FULL,
      FULL,
    ]);
  });

  it.each([
    [0, [8, 8, 8, 8]],
    [3, [FULL, FULL, FULL, 8]],
    [4, [FULL, FULL, FULL, FULL]],
    [28, [FULL, FULL, FULL, FULL]],
  ])('without layer_types begin at layer max_window_layers = %i', (max_window_layers, expected) => {
    expect(windows({ use_sliding_window: true, sliding_window: 8, max_window_layers })).toEqual(expected);
  });

  it.each([[false], [null], [undefined]])('are none where use_sliding_window is %j', (use_sliding_window) => {
    expect(windows({ use_sliding_window, sliding_window: 8, max_window_layers: 0 })).toEqual([
      FULL,
      FULL,
      FULL,
      FULL,
    ]);
  });

  it.each([
    ['a layer too few', { layer_types: Array(3).fill('full_attention') }, /layer_types must list 4 layers/],
    ['no list', { layer_types: 'full_attention' }, /layer_types must list 4 layers/],
    [
      'no sliding_window',
      { layer_types: Array(4).fill('sliding_attention'), use_sliding_window: true },
      /sliding_window is null/,
    ],
    [
      'layers that slide and a word that none does',
      { layer_types: Array(4).fill('sliding_attention'), use_sliding_window: false, sliding_window: 8 },
      /layer_types holds "sliding_attention", but use_sliding_window is false/,
    ],
    ['no sliding_window by the older keys', { use_sliding_window: true }, /sliding_window is null/],
    [
      'a window of 0',
      { use_sliding_window: true, max_window_layers: 0, sliding_window: 0 },
      /sliding_window is 0/,
    ],
    [
      'no max_window_layers',
      { use_sliding_window: true, max_window_layers: undefined },
      /max_window_layers is missing/,
    ],
  ])('with %s are refused', (_what, changes, message) => {
    expect(() => windows(changes)).toThrow(failure('checkpoint-mismatch', message));
  });

  it.each(['linear_attention', 'chunked_attention', '', null, 0])(
    'of a layer type %j are not computed',
    (type) => {
      const layer_types = ['full_attention', type, 'full_attention', 'full_attention'];
      expect(() => windows({ layer_types })).toThrow(
        failure('unsupported-model', /layer_types holds .*, expected/),
      );
    },
  );
});
