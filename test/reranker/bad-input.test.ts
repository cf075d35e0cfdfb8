import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ranking } from '../../src/reranker/ranking.js';
import type { Reranker } from '../../src/reranker/reranker.js';
import { failure } from '../support/failure.js';
import { DOCUMENTS, EMBEDDING_LENGTH, loadEmbedded, QUERY, ranksSmallRequest } from '../support/requests.js';

let reranker: Reranker;
let usual: Ranking;

beforeAll(async () => {
  reranker = await loadEmbedded();
  usual = await ranksSmallRequest(reranker);
});
afterAll(() => reranker.dispose());

/** Calls as JavaScript can: with arguments that TypeScript would not let through. */
const rerank = (query: unknown, documents: unknown, options?: unknown): Promise<Ranking> =>
  Reflect.apply(reranker.rerank, reranker, [query, documents, options]);

describe('bad input is refused, and the reranker works on', () => {
  const circular: unknown[] = [];
  circular.push(circular);

  it.each<[string, unknown, unknown, unknown, RegExp]>([
    ['no query', undefined, DOCUMENTS, {}, /query is undefined, expected a string/],
    ['a null query', null, DOCUMENTS, {}, /query is null/],
    ['a number as query', 7, DOCUMENTS, {}, /query is number/],
    ['a list as query', ['q'], DOCUMENTS, {}, /query is an array/],
    ['an empty query', '', DOCUMENTS, {}, /query is empty/],
    ['a blank query', ' \n\t\u00a0\ufeff', DOCUMENTS, {}, /query is empty/],
    ['no documents', QUERY, undefined, {}, /documents is undefined, expected an array/],
    ['null documents', QUERY, null, {}, /documents is null/],
    ['a string as documents', QUERY, 'document', {}, /documents is string/],
    ['an object as documents', QUERY, { 0: 'a', length: 1 }, {}, /documents is object/],
    ['a null document', QUERY, ['a', null], {}, /Document 1 is null, expected a string/],
    ['a number as document', QUERY, [1], {}, /Document 0 is number/],
    ['an object as document', QUERY, ['a', 'b', { text: 'c' }], {}, /Document 2 is object/],
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
    ['a hole among documents', QUERY, ['a', , 'c'], {}, /Document 1 is undefined/],
    ['documents that hold themselves', QUERY, circular, {}, /Document 0 is an array/],
    ['a negative topN', QUERY, DOCUMENTS, { topN: -1 }, /topN is -1, expected a whole number of at least 0/],
    ['a fractional topN', QUERY, DOCUMENTS, { topN: 1.5 }, /topN is 1.5/],
    ['NaN as topN', QUERY, DOCUMENTS, { topN: Number.NaN }, /topN is NaN/],
    ['an infinite topN', QUERY, DOCUMENTS, { topN: Number.POSITIVE_INFINITY }, /topN is Infinity/],
    ['a string as topN', QUERY, DOCUMENTS, { topN: '2' }, /topN is "2"/],
    ['null as topN', QUERY, DOCUMENTS, { topN: null }, /topN is null/],
    ['a bigint as topN', QUERY, DOCUMENTS, { topN: 2n }, /topN is bigint/],
    ['a circular topN', QUERY, DOCUMENTS, { topN: circular }, /topN is an array/],
    [
      'maxDocumentLength 0',
      QUERY,
      DOCUMENTS,
      { maxDocumentLength: 0 },
      /maxDocumentLength is 0, expected .* at least 1/,
    ],
    [
      'maxQueryLength 0',
      QUERY,
      DOCUMENTS,
      { maxQueryLength: 0 },
      /maxQueryLength is 0, expected .* at least 1/,
    ],
    ['a fractional maxQueryLength', QUERY, DOCUMENTS, { maxQueryLength: 0.5 }, /maxQueryLength is 0.5/],
    ['a minScore below −1', QUERY, DOCUMENTS, { minScore: -1.1 }, /minScore is -1.1, expected .* -1 to 1/],
    ['NaN as minScore', QUERY, DOCUMENTS, { minScore: Number.NaN }, /minScore is NaN/],
    ['an end that is none', QUERY, DOCUMENTS, { truncate: 'left' }, /truncate is "left", expected "start"/],
    ['a number as instruction', QUERY, DOCUMENTS, { instruction: 7 }, /instruction is number/],
    [
      'a marker in a text, by the released handling',
      '<|rerank<|embed_token|>_token|>',
      DOCUMENTS,
      { released: true },
      /3 document markers and 3 query markers/,
    ],
  ])('%s', async (_what, query, documents, options, message) => {
    await expect(rerank(query, documents, options)).rejects.toEqual(failure('invalid-input', message));
    expect(await ranksSmallRequest(reranker)).toEqual(usual);
  });

  it('a document longer than the context', async () => {
    const { deviceBytes } = reranker;
    const enormous = rerank(QUERY, ['word '.repeat(9000)], { maxDocumentLength: 10_000 });
    await expect(enormous).rejects.toEqual(
      failure('context-exceeded', /prompt has \d+ tokens; there is room for 8192/),
    );
    expect(reranker.deviceBytes).toBe(deviceBytes);
    expect(await ranksSmallRequest(reranker)).toEqual(usual);
  });

  it('an instruction longer than the context', async () => {
    const enormous = rerank(QUERY, DOCUMENTS, { instruction: 'word '.repeat(9000) });
    await expect(enormous).rejects.toEqual(failure('context-exceeded'));
    expect(await ranksSmallRequest(reranker)).toEqual(usual);
  });
});

describe('odd input is ranked', () => {
  const LONG = 'The quick brown fox jumps over the lazy dog. '.repeat(2223).slice(0, 100_000);
  const ODD: readonly string[] = [
    '',
    ' ',
    '\n\n\n',
    'a',
    '中',
    LONG,
    'lone \ud800 surrogates \udc00',
    'a NUL \u0000 within',
    '\ufeffbyte order mark',
    '\u202eright to left\u202c שלום مرحبا',
    'cafe\u0301 naïve',
    '👨‍👩‍👧‍👦🏳️‍🌈',
    '<|im_end|><|embed_token|><|rerank<|embed_token|>_token|>',
    '\uF8F00\uF8F1 {{ query }}',
    'constructor',
    '__proto__',
  ];

  const expectWhole = (ranking: Ranking, documents: readonly string[]) => {
    expect(ranking.map(({ index }) => index).sort((a, b) => a - b)).toEqual([...documents.keys()]);
    for (const { index, document, relevanceScore } of ranking) {
      expect(document).toBe(documents[index]);
      expect(Math.abs(relevanceScore)).toBeLessThanOrEqual(1); // a NaN is not
    }
    const scores = ranking.map(({ relevanceScore }) => relevanceScore);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  };

  it('documents of every kind, at once, and each comes back untouched', async () => {
    expectWhole(await rerank(QUERY, ODD), ODD);
  });

  it.each([
    ['a question mark', '?'],
    ['NUL', '\u0000'],
    ['a lone surrogate', '\ud800'],
    ['a zero-width space', '\u200b'],
    ['a marker', '<|rerank_token|>'],
    ['right-to-left text', '\u202eשלום'],
    ['a byte order mark', '\ufeffa'],
    ['1800 tokens', '中'.repeat(600)],
  ])('the query of %s', async (_what, query) => {
    expectWhole(await rerank(query, DOCUMENTS), DOCUMENTS);
  });

  it('an empty document alone', async () => {
    expectWhole(await rerank(QUERY, ['']), ['']);
  });

  it('equal documents, in the order given', async () => {
    const ranking = await rerank(QUERY, Array(3).fill('the same'));
    expectWhole(ranking, Array(3).fill('the same'));
  });

  it('no documents: to no results', async () => {
    const ranking = await rerank(QUERY, []);
    expect([...ranking]).toEqual([]);
    expect(ranking.tokens).toBe(0);
  });

  it('more documents than a block holds, and a lot of text', async () => {
    const documents = Array.from(
      { length: 130 },
      (_, i) => `Package ${i} ${i === 60 ? 'word '.repeat(1500) : ''}`,
    );
    expectWhole(await rerank(QUERY, documents), documents);
  });

  it('with limits of one token', async () => {
    expectWhole(await rerank(QUERY, DOCUMENTS, { maxDocumentLength: 1, maxQueryLength: 1 }), DOCUMENTS);
  });

  it('with options that are undefined, as if they were not there', async () => {
    const names = [
      'topN',
      'minScore',
      'truncate',
      'returnEmbeddings',
      'maxDocumentLength',
      'maxQueryLength',
      'instruction',
      'released',
      'onProgress',
      'signal',
    ];
    expect(
      await rerank(QUERY, DOCUMENTS, Object.fromEntries(names.map((name) => [name, undefined]))),
    ).toEqual(usual);
  });

  it('all the same after all this', async () => {
    expect(await ranksSmallRequest(reranker)).toEqual(usual);
  });
});

describe('the result', () => {
  it.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 3],
    [1e9, 3],
  ])('with topN %i has the %i most relevant documents', async (topN, count) => {
    expect([...(await rerank(QUERY, DOCUMENTS, { topN }))]).toEqual(usual.slice(0, count));
  });

  it('has no document below minScore, and topN of the others', async () => {
    const scores = usual.map(({ relevanceScore }) => relevanceScore);
    for (const [count, minScore] of scores.entries()) {
      expect([...(await rerank(QUERY, DOCUMENTS, { minScore }))]).toEqual(usual.slice(0, count + 1));
    }
    expect(await rerank(QUERY, DOCUMENTS, { minScore: 1 })).toHaveLength(0);
    expect(await rerank(QUERY, DOCUMENTS, { minScore: -1 })).toHaveLength(3);
    expect([...(await rerank(QUERY, DOCUMENTS, { minScore: scores[1]!, topN: 1 }))]).toEqual(
      usual.slice(0, 1),
    );
  });

  it('holds embeddings when they are asked for, as long as the model makes them', async () => {
    const ranking = await rerank(QUERY, DOCUMENTS, { returnEmbeddings: true });
    expect(ranking.map(({ embedding: _, ...rest }) => rest)).toEqual([...usual]);
    for (const { embedding } of ranking) {
      expect(embedding).toBeInstanceOf(Float32Array);
      expect(embedding).toHaveLength(EMBEDDING_LENGTH);
      expect(Math.hypot(...embedding!)).not.toBeCloseTo(1, 2); // not normalised
    }
    expect(usual.every((ranked) => !('embedding' in ranked))).toBe(true);
  });

  it('counts the tokens that were run', () => {
    const [{ queryPosition } = { queryPosition: 0 }] = reranker.prompts(QUERY, DOCUMENTS);
    expect(usual.tokens).toBe(queryPosition + 1);
  });

  it('depends on the instruction', async () => {
    expect(await rerank(QUERY, DOCUMENTS, { instruction: 'Prefer chess.' })).not.toEqual(usual);
  });
});
