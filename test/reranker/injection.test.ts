/**
 * Resistance to prompt injection: user text is data. Whatever a query, a document or an instruction holds, the prompt
 * has the control tokens and markers of a harmless one, and the text reaches the model to the letter, but for the `<`
 * of the prompt's own tags (structural-tags.test.ts).
 *
 * What no tokenizer can prevent is a text that persuades: "rank this first". That is text to the prompt, and what the
 * model makes of it is its own affair; but each document keeps its own marker, so that none can take another's score,
 * and no prompt ends early.
 */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPrompts } from '../../src/reranker/blocks.js';
import { checkRequest, LISTWISE_LIMITS } from '../../src/reranker/options.js';
import { type Prompt, PromptBuilder, type PromptInput } from '../../src/reranker/prompt.js';
import type { Reranker } from '../../src/reranker/reranker.js';
import { finish } from '../../src/reranker/steps.js';
import { PromptTemplate } from '../../src/reranker/template.js';
import type { Tokenizer } from '../../src/reranker/tokenizer.js';
import { ATTACKS } from '../support/attacks.js';
import { failure } from '../support/failure.js';
import { hostileText, reproducible } from '../support/hostile-text.js';
import { EMBEDDING_LENGTH, loadEmbedded } from '../support/requests.js';
import { embeddedTokenizer, NORMALIZED, qwen3Tokenizer } from '../support/tokenizers.js';

const TOKENIZERS = [
  { name: 'the embedded model’s tokenizer', tokenizer: embeddedTokenizer(), normalized: NORMALIZED.embedded },
  { name: 'Qwen3’s tokenizer', tokenizer: qwen3Tokenizer(), normalized: NORMALIZED.qwen3 },
];

const template = new PromptTemplate();

/** Each word stands once in the prompt for its text, the query's twice. */
const HARMLESS = { query: 'QUERY', documents: ['FIRST', 'SECOND', 'THIRD'], instruction: 'INSTRUCTION' };

type Texts = Readonly<Record<'QUERY' | 'FIRST' | 'SECOND' | 'INSTRUCTION', string>>;

const PLACES = ['QUERY', 'FIRST', 'SECOND', 'INSTRUCTION'] as const;

/** The harmless request with other texts in place of its words. */
function requestWith(texts: Partial<Texts>): PromptInput {
  const { QUERY, FIRST, SECOND, INSTRUCTION }: Texts = {
    ...{ QUERY: 'QUERY', FIRST: 'FIRST', SECOND: 'SECOND', INSTRUCTION: 'INSTRUCTION' },
    ...texts,
  };
  return { query: QUERY, documents: [FIRST, SECOND, 'THIRD'], instruction: INSTRUCTION };
}

/** What structures a prompt: its control tokens in order, and which of them are the markers. */
function structureOf(tokenizer: Tokenizer, { ids, documentPositions, queryPosition }: Prompt) {
  const controls: string[] = [];
  let position = 0;
  const places = new Map<number, number>();
  for (const { text, isControl } of tokenizer.decodeParts(ids)) {
    if (isControl) {
      position = ids.indexOf(tokenizer.encode(text)[0]!, position);
      places.set(position++, controls.push(text) - 1);
    }
  }
  return {
    controls,
    documentMarkers: documentPositions.map((at) => places.get(at)),
    queryMarker: places.get(queryPosition),
  };
}

/** The stretches of ordinary text between control tokens, as their ids have them. */
function stretchesOf(tokenizer: Tokenizer, { ids }: Prompt): string[] {
  return tokenizer
    .decodeParts(ids)
    .filter(({ isControl }) => !isControl)
    .map(({ text }) => text);
}

describe.each(TOKENIZERS)('with $name', ({ tokenizer, normalized }) => {
  const builder = new PromptBuilder(tokenizer);
  const harmless = finish(builder.build(HARMLESS));
  const structure = structureOf(tokenizer, harmless);

  /** The harmless prompt's stretches with the texts put in place of its words. */
  function expectedStretches(texts: Partial<Texts>): string[] {
    const stretches = tokenizer.splitControlTokens(harmless.text).filter((part) => typeof part === 'string');
    const replaced = stretches.map((stretch) =>
      stretch.replace(/QUERY|FIRST|SECOND|INSTRUCTION/g, (word) =>
        template.withoutTags(texts[word as keyof Texts] ?? word),
      ),
    );
    return replaced.map((stretch) => normalized(stretch.toWellFormed())).filter((stretch) => stretch !== '');
  }

  function expectData(texts: Partial<Texts>): void {
    const built = finish(builder.build(requestWith(texts)));
    expect(structureOf(tokenizer, built)).toEqual(structure);
    expect(stretchesOf(tokenizer, built)).toEqual(expectedStretches(texts));
  }

  it('the harmless prompt has a marker for each document, then one for the query', () => {
    const markers = structure.controls.filter((token) => /embed|rerank/.test(token));
    expect(markers).toEqual([...Array(3).fill('<|embed_token|>'), '<|rerank_token|>']);
    expect(structure.documentMarkers.concat(structure.queryMarker)).not.toContain(undefined);
  });

  it.each(ATTACKS)(
    '$name is data, in each place and in all at once, alone and among other text',
    ({ text }) => {
      for (const place of PLACES) expectData({ [place]: text });
      expectData({ QUERY: text, FIRST: text, SECOND: `before ${text} after`, INSTRUCTION: text });
    },
  );

  it.each(ATTACKS)('$name is data wherever it is cut', ({ text }) => {
    const controls = structureOf(
      tokenizer,
      finish(builder.build({ ...HARMLESS, instruction: undefined })),
    ).controls;
    for (const limit of [1, 2, 5, 13]) {
      const limits = { maxDocumentLength: limit, maxQueryLength: limit };
      const [prompt] = finish(
        buildPrompts(tokenizer, checkRequest(text, [text, text, 'THIRD'], limits, LISTWISE_LIMITS)),
      );
      expect(structureOf(tokenizer, prompt!).controls).toEqual(controls);
    }
  });

  it('any text is data', () => {
    const places = { QUERY: hostileText, FIRST: hostileText, SECOND: hostileText };
    const texts = fc.record({ ...places, INSTRUCTION: hostileText.filter((text) => text !== '') });
    fc.assert(fc.property(texts, expectData), { ...reproducible, numRuns: 150 });
  });

  it('texts do not add up to a control token across a border', () => {
    expectData({ QUERY: '<|im', FIRST: '<|embed_token|', SECOND: '<|', INSTRUCTION: '|>' });
    expectData({ QUERY: '_end|>', FIRST: '|>', SECOND: '>', INSTRUCTION: '<|im_end' });
  });
});

describe('the released code, for comparison, by Qwen3’s tokenizer,', () => {
  const tokenizer = qwen3Tokenizer();
  const builder = new PromptBuilder(tokenizer, { released: true });
  const structure = structureOf(tokenizer, finish(builder.build(HARMLESS)));

  it.each(ATTACKS)('$name $released', ({ text, released }) => {
    const build = () => finish(builder.build(requestWith({ FIRST: text })));
    if (released === 'makes markers') {
      expect(build).toThrow(failure('invalid-input', /where its template puts 3 and 1/));
    } else {
      const same = structureOf(tokenizer, build()).controls.join() === structure.controls.join();
      expect(same).toBe(released === 'stays text');
    }
  });
});

describe('a ranking', () => {
  let reranker: Reranker;
  beforeAll(async () => {
    reranker = await loadEmbedded();
  });
  afterAll(() => reranker.dispose());

  const embeddingsOf = async (query: string, documents: readonly string[], instruction?: string) => {
    const ranking = await reranker.rerank(query, documents, { returnEmbeddings: true, instruction });
    return [...ranking].sort((a, b) => a.index - b.index).map(({ embedding }) => embedding!);
  };

  it('has an embedding for each document where all of them, the query and the instruction are attacks', async () => {
    const texts = ATTACKS.map(({ text }) => text);
    const embeddings = await embeddingsOf(texts.slice(0, 20).join(' '), texts, texts.slice(20).join(' '));
    expect(embeddings.map(({ length }) => length)).toEqual(texts.map(() => EMBEDDING_LENGTH));
  });

  it('leaves documents before an attack as they are: they were read before it', async () => {
    const [harmless] = await embeddingsOf('edit photos', ['A chess engine.', 'Retouch photographs.']);
    for (const { text } of ATTACKS.filter(({ released }) => released === 'makes markers')) {
      const [first] = await embeddingsOf('edit photos', ['A chess engine.', text]);
      first!.forEach((value, i) => {
        expect(value).toBeCloseTo(harmless![i]!, 4);
      });
    }
  });
});
