import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Listwise } from '../../src/reranker/protocols/listwise.js';
import { PromptTemplate } from '../../src/reranker/template.js';
import { Tokenizer } from '../../src/reranker/tokenizer.js';
import { failure } from '../support/failure.js';
import { hostileText, reproducible } from '../support/hostile-text.js';
import {
  embeddedTokenizer,
  embeddedTokenizerFiles,
  NORMALIZED,
  qwen3Tokenizer,
  qwen3TokenizerFiles,
  readJson,
} from '../support/tokenizers.js';

interface TokenCase {
  readonly text: string;
  readonly qwen3: readonly number[];
  readonly embedded: readonly number[];
}

const { cases } = readJson('golden/tokens.json') as unknown as { cases: readonly TokenCase[] };

const TOKENIZERS = [
  { name: 'qwen3', tokenizer: qwen3Tokenizer(), files: qwen3TokenizerFiles() },
  { name: 'embedded', tokenizer: embeddedTokenizer(), files: embeddedTokenizerFiles() },
] as const;

describe.each(TOKENIZERS)('the tokenizer $name', ({ name, tokenizer, files }) => {
  const controlIds = new Set((files.tokenizer.added_tokens as { id: number }[]).map(({ id }) => id));
  controlIds.add(tokenizer.documentMarker).add(tokenizer.queryMarker);

  it('gives the ids that Hugging Face’s gives', () => {
    expect(cases.length).toBe(77);
    for (const golden of cases) expect(tokenizer.encode(golden.text), golden.text).toEqual(golden[name]);
  });

  it('knows the markers', () => {
    expect(tokenizer.encode('<|embed_token|><|rerank_token|>')).toEqual([
      tokenizer.documentMarker,
      tokenizer.queryMarker,
    ]);
  });

  it('decodes what it encoded, in its normal form', () => {
    const roundTrip = (x: string) => {
      expect(tokenizer.decode(tokenizer.encodePlain(x))).toBe(NORMALIZED[name](x));
    };
    fc.assert(fc.property(hostileText, roundTrip), reproducible);
    for (const golden of cases) roundTrip(golden.text);
  });

  it('reads what it decoded as the same tokens again, so that a cut text keeps its length', () => {
    for (const { text } of cases) {
      const ids = tokenizer.encodePlain(text);
      expect(tokenizer.encodePlain(tokenizer.decode(ids)), text).toEqual(ids);
    }
  });

  it('makes no control token of plain text, whatever it holds', () => {
    fc.assert(
      fc.property(hostileText, (x) => {
        const ids = tokenizer.encodePlain(x);
        expect(ids.every((id) => Number.isInteger(id) && !controlIds.has(id))).toBe(true);
      }),
      reproducible,
    );
  });

  it('decodes control tokens as their text', () => {
    const prompt = '<|im_start|>user\n <think>\n\n</think> a<|embed_token|>\n b<|rerank_token|><|im_end|>';
    const parts = tokenizer.splitControlTokens(prompt);
    expect(parts.filter((part) => typeof part === 'number')).toHaveLength(6);
    const normal = parts.map((part) =>
      typeof part === 'string' ? NORMALIZED[name](part) : tokenizer.decode([part]),
    );
    expect(tokenizer.decode(tokenizer.encode(prompt))).toBe(normal.join(''));
  });

  it('takes lone surrogates for replacement characters', () => {
    for (const lone of ['\ud800', 'a\udfffb', '\udc00\ud800']) {
      expect(tokenizer.decode(tokenizer.encodePlain(lone))).toBe(NORMALIZED[name](lone.toWellFormed()));
    }
  });

  it('gives no ids for no text, and no text for no ids', () => {
    expect([tokenizer.encodePlain(''), tokenizer.encode(''), tokenizer.decode([])]).toEqual([[], [], '']);
  });

  it('decodes half a character as a replacement character', () => {
    const ids = tokenizer.encodePlain('𠜎'); // four bytes, in no vocabulary as a whole
    expect(ids.length).toBeGreaterThan(1);
    expect(tokenizer.decode(ids.slice(0, -1))).toMatch(/^ ?\ufffd+$/);
  });

  it('takes long words in their stride', () => {
    for (const word of ['a', ' ', '\n', '!', '中', '😀']) {
      const long = word.repeat(10_000);
      expect(tokenizer.decode(tokenizer.encodePlain(long)) === NORMALIZED[name](long)).toBe(true);
    }
  });
});

describe('blanks without an end', () => {
  // Patterns that took the square of their number would take hours.
  it.each(TOKENIZERS)('are no burden to the tokenizer $name', ({ tokenizer }) => {
    const text = `a${' '.repeat(300_000)}b`;
    expect(tokenizer.decode(tokenizer.encodePlain(text)).trim()).toBe(text);
  });
});

describe('control tokens', () => {
  const files = embeddedTokenizerFiles();
  const added = files.tokenizer.added_tokens as Record<string, unknown>[];
  const withTokens = (...more: unknown[]) =>
    new Tokenizer({ ...files, tokenizer: { ...files.tokenizer, added_tokens: [...added, ...more] } });

  it('split a text, and nothing else does', () => {
    const tokenizer = withTokens();
    const [end] = tokenizer.encode('<|im_end|>');
    expect(tokenizer.splitControlTokens('a<|im_end|><|im_end|> <|IM_END|><|im_end|')).toEqual([
      'a',
      end,
      end,
      ' <|IM_END|><|im_end|',
    ]);
    expect(tokenizer.splitControlTokens('')).toEqual([]);
  });

  it('are the longest that fit, and no patterns', () => {
    const tokenizer = withTokens(
      { id: 30001, content: '<a' },
      { id: 30002, content: '<a.*' },
      { id: 30003, content: '$(' },
    );
    expect(tokenizer.splitControlTokens('<a.*<abc<a$(.')).toEqual([30002, 30001, 'bc', 30001, 30003, '.']);
  });

  it.each(['single_word', 'lstrip', 'rstrip', 'normalized'])('that ask for %s are not computed', (rule) => {
    const token = { id: 30001, content: '<x>', [rule]: true };
    expect(() => withTokens(token)).toThrow(
      failure('unsupported-model', new RegExp(`"<x>" asks for ${rule}`)),
    );
  });

  it.each([
    [null],
    ['<x>'],
    [{ id: 1 }],
    [{ content: '<x>' }],
    [{ id: '1', content: '<x>' }],
    [{ id: 1, content: '' }],
    [{ id: -1, content: '<x>' }],
    [{ id: 0.5, content: '<x>' }],
    [{ id: 2 ** 60, content: '<x>' }],
  ])('such as %j are corrupt', (token) => {
    expect(() => withTokens(token)).toThrow(failure('checkpoint-corrupt', /is no added token/));
  });
});

describe('a tokenizer', () => {
  it.each([
    ['model', { type: 'Unigram' }, /its model is Unigram/],
    ['model', { type: 'BPE', byte_fallback: true }, /BPE with byte_fallback/],
    ['normalizer', { type: 'NFKC' }, /its normalizer is NFKC/],
    ['pre_tokenizer', { type: 'Metaspace' }, /its pre_tokenizer is Metaspace/],
    ['decoder', { type: 'WordPiece' }, /its decoder is WordPiece/],
  ])('with another kind of %s is not computed', (part, value, message) => {
    expect(() => make({ [part]: value })).toThrow(failure('unsupported-model', message));
  });

  const files = embeddedTokenizerFiles();
  const make = (tokenizer: Record<string, unknown>, tokenizerConfig: Record<string, unknown> = {}) =>
    new Tokenizer({
      tokenizer: { ...files.tokenizer, ...tokenizer },
      tokenizerConfig: { ...files.tokenizerConfig, ...tokenizerConfig },
    });

  const askedListwise = (tokenizer: Tokenizer) => new Listwise(tokenizer, new PromptTemplate());

  it.each(['<|embed_token|>', '<|rerank_token|>'])('without %s can’t be asked listwise', (marker) => {
    const tokens = files.tokenizer.added_tokens as { content: string }[];
    const others = tokens.filter(({ content }) => content !== marker);
    expect(() => askedListwise(make({ added_tokens: others }))).toThrow(
      failure('checkpoint-mismatch', /tokenizer\.json has no token "<\|/),
    );
    expect(() => askedListwise(make({ added_tokens: [] }))).toThrow(
      failure('checkpoint-mismatch', /has no token/),
    );
  });

  it('of a bare Qwen3 can’t be asked listwise', () => {
    expect(() => askedListwise(new Tokenizer(qwen3TokenizerFiles()))).toThrow(
      failure('checkpoint-mismatch', /has no token "<\|embed_token\|>"/),
    );
  });

  it.each([undefined, null, {}, '<|embed_token|>'])('with added_tokens %j is corrupt', (added_tokens) => {
    expect(() => make({ added_tokens })).toThrow(failure('checkpoint-corrupt', /lists no added_tokens/));
  });

  it.each([[null], [{}], [{ type: 'BPE' }], [{ type: 'BPE', vocab: {}, merges: [] }], ['BPE']])(
    'with the model %j is corrupt',
    (model) => {
      expect(() => make({ model })).toThrow(failure('checkpoint-corrupt', /not a usable tokenizer/));
    },
  );

  it.each([undefined, null])('with model_max_length %j takes the model’s length', (model_max_length) => {
    const config = { max_position_embeddings: 512 };
    expect(new Tokenizer({ ...files, tokenizerConfig: { model_max_length }, config }).maxLength).toBe(512);
    const tokenizerConfig = { model_max_length: 1e30 };
    expect(new Tokenizer({ ...files, tokenizerConfig, config }).maxLength).toBe(1e30);
  });

  it.each([undefined, null, 0, -1, '8192', Number.NaN])(
    'with model_max_length %j is refused',
    (model_max_length) => {
      expect(() => make({}, { model_max_length })).toThrow(
        failure('checkpoint-mismatch', /no model_max_length above 0/),
      );
    },
  );
});
