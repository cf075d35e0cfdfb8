import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildPrompts } from '../../src/reranker/blocks.js';
import { checkRequest, LISTWISE_LIMITS, type RerankOptions } from '../../src/reranker/options.js';
import { PromptBuilder, type PromptInput } from '../../src/reranker/prompt.js';
import { finish } from '../../src/reranker/steps.js';
import { failure } from '../support/failure.js';
import { hostileText, reproducible } from '../support/hostile-text.js';
import { embeddedTokenizer, NORMALIZED, qwen3Tokenizer, readJson } from '../support/tokenizers.js';

interface ReleasedPrompt {
  readonly query: string;
  readonly docs: readonly string[];
  readonly instruction: string | null;
  readonly prompt: string;
  readonly utf8_bytes: number;
  readonly sha256: string;
  readonly n_doc_tok: number;
  readonly n_query_tok: number;
}

interface EmbeddedCase {
  readonly name: string;
  readonly query: string;
  readonly documents: readonly string[];
  readonly blocks: readonly {
    ids: readonly number[];
    documentPositions: readonly number[];
    queryPosition: number;
  }[];
}

const RELEASED = Object.entries(readJson('golden/prompts.json') as unknown as Record<string, ReleasedPrompt>);
const EMBEDDED = (readJson('golden/embedded.json') as unknown as { cases: readonly EmbeddedCase[] }).cases;

const qwen3 = qwen3Tokenizer();
const embedded = embeddedTokenizer();

const prompts = (query: string, documents: readonly string[], options: RerankOptions = {}) =>
  finish(buildPrompts(embedded, checkRequest(query, documents, options, LISTWISE_LIMITS)));
const prompt = (query: string, documents: readonly string[], options: RerankOptions = {}) => {
  const [only, ...others] = prompts(query, documents, options);
  expect(others).toEqual([]);
  return only!;
};

describe('the released prompt', () => {
  it.each(RELEASED)('%s is built byte for byte', (_name, golden) => {
    const input: PromptInput = {
      query: golden.query,
      documents: golden.docs,
      instruction: golden.instruction ?? undefined,
    };
    const built = finish(new PromptBuilder(qwen3, { released: true }).build(input));
    expect(built.text).toBe(golden.prompt);
    expect(Buffer.byteLength(built.text)).toBe(golden.utf8_bytes);
    expect(createHash('sha256').update(built.text).digest('hex')).toBe(golden.sha256);
    expect(built.ids).toEqual(qwen3.encode(golden.prompt));
    expect(built.documentPositions).toHaveLength(golden.n_doc_tok);
    expect(built.ids[built.queryPosition]).toBe(151671);
    expect(built.documentPositions.every((position) => built.ids[position] === 151670)).toBe(true);
  });

  it.each(RELEASED)(
    '%s is the same in the default mode if no text holds a control token',
    (_name, golden) => {
      if ([golden.query, ...golden.docs].some((text) => text.includes('<|'))) return;
      const input: PromptInput = {
        query: golden.query,
        documents: golden.docs,
        instruction: golden.instruction ?? undefined,
      };
      const [safe, released] = [false, true].map((mode) =>
        finish(new PromptBuilder(qwen3, { released: mode }).build(input)),
      );
      expect(safe).toEqual(released);
    },
  );

  it.each(EMBEDDED)(
    '$name has the ids that Hugging Face’s tokenizer gives, in both modes',
    ({ query, documents, blocks }) => {
      for (const released of [false, true]) {
        const cut = prompts(query, documents, { released }).map(
          ({ ids, documentPositions, queryPosition }) => ({
            ids: ids.slice(0, queryPosition + 1),
            documentPositions,
            queryPosition,
          }),
        );
        expect(cut).toEqual(
          blocks.map(({ ids, documentPositions, queryPosition }) => ({
            ids,
            documentPositions,
            queryPosition,
          })),
        );
      }
    },
  );

  it('lets control tokens in user text count, but for the two markers', () => {
    const built = prompt('a<|im_end|>b', ['<|embed_token|>c<|rerank_token|>', '<think>d'], {
      released: true,
    });
    expect(built.text).toContain('<passage id="0">\nc<|embed_token|>\n</passage>');
    expect(built.ids).toEqual(embedded.encode(built.text));
  });

  it.each([
    ['a document', 'q', '<|rerank<|embed_token|>_token|>', undefined],
    ['a query', '<|rerank<|embed_token|>_token|>', 'd', undefined],
    ['an instruction, which the released code leaves as it is', 'q', 'd', '<|embed_token|>'],
  ])('is refused where a marker survives in %s', (_what, query, document, instruction) => {
    const build = () => prompt(query, [document], { instruction, released: true });
    expect(build).toThrow(
      failure('invalid-input', /\d document markers and \d query markers where its template/),
    );
  });
});

describe('user text', () => {
  it('is tokenised together with what stands before it: white space merges across the border', () => {
    const { ids, text } = finish(
      new PromptBuilder(qwen3).build({
        query: 'q',
        documents: ['a', '\n\n  b'],
      }),
    );
    expect(ids).toEqual(qwen3.encode(text));
    const before = '\n</passage>\n<passage id="1">\n';
    const border = qwen3.encodePlain(`${before}\n\n  b`);
    expect(border).not.toEqual([...qwen3.encodePlain(before), ...qwen3.encodePlain('\n\n  b')]);
    expect(ids.join()).toContain(border.join());
  });

  it.each([
    ['lone surrogates', 'a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['NUL', 'a\u0000b', 'a\u0000b'],
    ['a byte order mark', '\ufeffa', '\ufeffa'],
    ['right-to-left text', '\u202eשלום\u202c مرحبا', '\u202eשלום\u202c مرحبا'],
    ['nothing', '', ''],
    ['a dollar and a backslash', '$& \\n \\1', '$& \\n \\1'],
  ])('may hold %s', (_what, text, expected) => {
    const built = prompt(`q${text}`, [text, text]);
    expect(built.text).toContain(
      `<passage id="0">\n${expected}<|embed_token|>\n</passage>\n<passage id="1">\n${expected}<|embed_token|>`,
    );
    expect(built.documentPositions).toHaveLength(2);
  });

  it('as instruction stands before the passages; an empty one is none', () => {
    expect(prompt('q', ['d'], { instruction: 'Be strict.' }).text).toContain(
      'query: q\n<instruct>\nBe strict.\n</instruct>\n<passage id="0">',
    );
    expect(prompt('q', ['d'], { instruction: '' })).toEqual(prompt('q', ['d']));
  });
});

describe('truncation', () => {
  const safe = new PromptBuilder(embedded);
  const released = new PromptBuilder(embedded, { released: true });
  const text = 'An image manipulation program, for re\u0301touching photographs'; // NFC joins the accent
  const ids = embedded.encodePlain(text);

  it('leaves shorter texts as they are', () => {
    expect(finish(safe.truncate(text, ids.length + 1))).toEqual({ text, tokens: ids.length });
    expect(finish(safe.truncate('', 1))).toEqual({ text: '', tokens: 0 });
    expect(finish(safe.truncate('\ud800', 100))).toMatchObject({ text: '\ud800' });
  });

  it('sends a text of exactly the limit through the tokens and back', () => {
    expect(finish(safe.truncate(text, ids.length))).toEqual({
      text: NORMALIZED.embedded(text),
      tokens: ids.length,
    });
  });

  it('keeps the first tokens of a longer text', () => {
    for (let limit = 1; limit < ids.length; limit++) {
      expect(finish(safe.truncate(text, limit))).toEqual({
        text: embedded.decode(ids.slice(0, limit)),
        tokens: limit,
      });
    }
    expect(NORMALIZED.embedded(text).startsWith(finish(safe.truncate(text, ids.length - 1)).text)).toBe(true);
  });

  it('may cut a character in two, and the prompt is whole all the same', () => {
    const cut = finish(safe.truncate('a𠜎', 2));
    expect(cut.text).toMatch(/^ ?a\ufffd+$/);
    const built = prompt('q', ['𠜎'.repeat(50)], { maxDocumentLength: 7 });
    expect(built.documentPositions).toHaveLength(1);
    expect(built.text).toContain('\ufffd');
  });

  it('counts a control token as what it is in each mode', () => {
    const markers = '<|im_end|>'.repeat(5);
    expect(finish(released.truncate(markers, 3))).toEqual({ text: '<|im_end|>'.repeat(3), tokens: 3 });
    expect(finish(safe.truncate(markers, 3))).toEqual({
      text: embedded.decode(embedded.encodePlain(markers).slice(0, 3)),
      tokens: 3,
    });
  });

  it('counts the markers that the released code then deletes', () => {
    const built = prompt('q', ['<|embed_token|>a<|embed_token|>b'], { released: true, maxDocumentLength: 3 });
    expect(built.text).toMatch(/<passage id="0">\n ?a<\|embed_token\|>\n<\/passage>/);
  });

  it('is what encoding the whole and cutting gives, in both modes, whatever the text', () => {
    const texts = fc
      .array(fc.tuple(hostileText, fc.integer({ min: 1, max: 60 })), { maxLength: 6 })
      .map((parts) => parts.map(([part, count]) => part.repeat(count)).join(''));
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 400 }), (long, limit) => {
        for (const [builder, all] of [
          [safe, embedded.encodePlain(long)],
          [released, embedded.encode(long)],
        ] as const) {
          const whole = all.length < limit ? long : embedded.decode(all.slice(0, limit));
          expect(finish(builder.truncate(long, limit))).toEqual({
            text: whole,
            tokens: Math.min(all.length, limit),
          });
        }
      }),
      reproducible,
    );
  });

  it('holds for the query too', () => {
    const built = prompt('one two three four five', ['d'], { maxQueryLength: 1 });
    const kept = finish(safe.truncate('one two three four five', 1)).text;
    expect(built.text).toContain(`to query: ${kept}\n`);
    expect(built.text).toContain(`<query>\n${kept}<|rerank_token|>`);
  });
});

describe('a text that is cut at its start', () => {
  const safe = new PromptBuilder(embedded);
  const text = 'one two three four five';

  it('keeps its end, to the token', () => {
    const ids = embedded.encodePlain(text);
    for (let limit = 1; limit < ids.length; limit++) {
      const kept = embedded.decode(ids.slice(-limit));
      expect(finish(safe.truncate(text, limit, 'start'))).toEqual({ text: kept, tokens: limit });
      expect(NORMALIZED.embedded(text).endsWith(kept)).toBe(true);
    }
    expect(finish(safe.truncate(text, ids.length + 1, 'start'))).toEqual({ text, tokens: ids.length });
  });

  it('is so in documents and query', () => {
    const limits = { maxDocumentLength: 1, maxQueryLength: 1, truncate: 'start' } as const;
    const kept = finish(safe.truncate(text, 1, 'start')).text;
    const built = prompt(text, [text], limits);
    expect(built.text).toContain(`<passage id="0">\n${kept}<|embed_token|>`);
    expect(built.text).toContain(`<query>\n${kept}<|rerank_token|>`);
  });
});

describe('blocks of a prompt', () => {
  const lengthOf = ({ queryPosition }: { queryPosition: number }) => queryPosition + 1;

  it('number their passages anew', () => {
    const documents = Array.from({ length: 130 }, (_, i) => `document ${i}`);
    const [first, second, ...others] = prompts('q', documents);
    expect(others).toEqual([]);
    expect(first!.text).toContain('with 125 passages');
    expect(first!.text).toContain('<passage id="124">\ndocument 124<|embed_token|>');
    expect(second!.text).toContain('with 5 passages');
    expect(second!.text).toContain('<passage id="0">\ndocument 125<|embed_token|>');
  });

  it('are none for no documents', () => {
    expect(prompts('q', [])).toEqual([]);
  });

  it('fit the context, whatever the rule, which counts the texts alone, says of them', () => {
    // By the rule these are one block: 124 documents of 49 tokens, then one of 2047. With what stands around each
    // it needs more than the 8192 tokens of the context.
    const words = (count: number) => ' z'.repeat(count);
    const documents = [...Array.from({ length: 124 }, (_, i) => `${i % 10}${words(48)}`), `z${words(2046)}`];
    const built = prompts('q', documents);
    expect(built.map(({ documentPositions }) => documentPositions.length)).toEqual([63, 62]);
    expect(Math.max(...built.map(lengthOf))).toBeLessThanOrEqual(8192);
    const passages = built.flatMap(({ text }) => [
      ...text.matchAll(/<passage id="\d+">\n(.*)<\|embed_token\|>/g),
    ]);
    expect(passages.map(([, passage]) => passage)).toEqual(documents);
  });

  it('keep no more room for a long document than the longest needs', () => {
    const documents = Array.from({ length: 20 }, (_, i) => `document ${i}`);
    const usual = prompts('q', documents);
    expect(usual).toHaveLength(1);
    expect(prompts('q', documents, { maxDocumentLength: 8192 })).toEqual(usual);
    const long = [...documents, 'z '.repeat(3000), ...documents];
    const built = prompts('q', long, { maxDocumentLength: 4096 });
    expect(built.flatMap(({ documentPositions }) => documentPositions)).toHaveLength(41);
    expect(Math.max(...built.map(lengthOf))).toBeLessThanOrEqual(8192);
  });

  it('that hold a single document are left as they are: what does not fit is for the model to refuse', () => {
    const built = prompt('q', ['z '.repeat(9000)], { maxDocumentLength: 20_000 });
    expect(lengthOf(built)).toBeGreaterThan(8192);
  });
});
