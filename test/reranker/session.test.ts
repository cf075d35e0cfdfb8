/** What is computed once: the head of the prompt, the header of several blocks, the documents of a session. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WEIGHT_DTYPES } from '../../src/device/dtype.js';
import type { Ranking } from '../../src/reranker/ranking.js';
import { Reranker } from '../../src/reranker/reranker.js';
import { failure } from '../support/failure.js';
import { EMBEDDING_LENGTH, loadEmbedded, QUERY } from '../support/requests.js';
import { TINY_CONFIG, tinyCheckpoint, tinyTensors } from '../support/tiny-checkpoint.js';

/** Differences of rounding. */
const EQUAL = 2e-6;

const pages = [
  ['An image editor.', 'A chess engine.', 'Photo viewer for the terminal.'],
  ['Retouch photographs.'],
  ['A compiler for Pascal.', 'Library for parsing XML.', 'Edits pictures and photos in layers.', 'x'],
];
const many = (count: number) =>
  Array.from({ length: count }, (_, i) => `Package ${i} edits ${i % 7 === 0 ? 'photos' : 'text'}.`);

const scoresOf = (ranking: Ranking) =>
  [...ranking].sort((a, b) => a.index - b.index).map(({ relevanceScore }) => relevanceScore);

function expectSameScores(got: Ranking, expected: Ranking) {
  expect(got).toHaveLength(expected.length);
  const [a, b] = [scoresOf(got), scoresOf(expected)];
  expect(Math.max(...a.map((score, i) => Math.abs(score - b[i]!)))).toBeLessThan(EQUAL);
}

/** The same list in a session that has nothing to continue. */
async function announcedAtOnce(documents: readonly string[]): Promise<Ranking> {
  await using session = reranker.session(QUERY, { announce: 9 });
  return session.add(documents);
}

let reranker: Reranker;
beforeAll(async () => {
  reranker = await loadEmbedded();
  await reranker.rerank(QUERY, many(126)); // until the kernels' own memory is as large as it gets
});
afterAll(() => reranker.dispose());

describe('a request', () => {
  it('does not run the head of its prompt again', async () => {
    const { tokens, cachedTokens } = await reranker.rerank(QUERY, ['a document']);
    expect(cachedTokens).toBeGreaterThan(0);
    expect(cachedTokens).toBeLessThan(tokens);
  });

  it('of several blocks that announce the same number runs header and query once', async () => {
    const head = (await reranker.rerank(QUERY, ['a'])).cachedTokens;
    const query = 'a query that is somewhat longer than the others are';
    const held = reranker.deviceBytes;
    const two = await reranker.rerank(query, many(250));
    const header = two.cachedTokens - 2 * head;
    expect(header).toBeGreaterThan(10);
    const three = await reranker.rerank(query, many(375));
    expect(three.cachedTokens).toBe(3 * head + 2 * header);
    expect(reranker.deviceBytes).toBe(held);
  });
});

describe('a session', () => {
  it('that announces nothing ranks as rerank does, page by page', async () => {
    await using session = reranker.session(QUERY);
    for (let page = 0; page < pages.length; page++) {
      const ranking = await session.add(pages[page]!);
      const all = pages.slice(0, page + 1).flat();
      expect(session.documents).toEqual(all);
      expectSameScores(ranking, await reranker.rerank(QUERY, all));
    }
    expect(session.bytes).toBe(0);
  });

  it('never runs a full block again', async () => {
    await using session = reranker.session(QUERY);
    const first = await session.add(many(130));
    const second = await session.add(many(140).slice(130));
    expectSameScores(second, await reranker.rerank(QUERY, many(140)));
    const lastBlock = second.tokens - second.cachedTokens;
    expect(lastBlock).toBeLessThan(first.tokens / 5);
  });

  it('that announces its documents runs the new ones and the query alone, and gives the same scores', async () => {
    const announce = pages.flat().length;
    await using whole = reranker.session(QUERY, { announce });
    const expected = await whole.add(pages.flat());
    expectSameScores(expected, await reranker.rerank(QUERY, pages.flat()));

    await using session = reranker.session(QUERY, { announce });
    let last: Ranking | undefined;
    let bytes = 0;
    for (const page of pages) {
      last = await session.add(page);
      expect(session.bytes).toBeGreaterThan(bytes);
      bytes = session.bytes;
    }
    expectSameScores(last!, expected);
    const [, , newest] = pages;
    const newTokens = newest!.reduce((sum, text) => sum + reranker.prompts('q', [text])[0]!.ids.length, 0);
    expect(last!.tokens - last!.cachedTokens).toBeLessThan(newTokens);
  });

  it.each(WEIGHT_DTYPES)('gives the very scores of one run in %s', async (dtype) => {
    await using loaded = await loadEmbedded({ dtype });
    await using session = loaded.session(QUERY, { announce: pages.flat().length });
    let last: Ranking | undefined;
    for (const page of pages) last = await session.add(page);
    expect(scoresOf(last!)).toEqual(scoresOf(await loaded.rerank(QUERY, pages.flat())));
  });

  it('announces to each block what falls to it', async () => {
    await using session = reranker.session(QUERY, { announce: 250 });
    await session.add(many(100));
    const ranking = await session.add(many(250).slice(100));
    expectSameScores(ranking, await reranker.rerank(QUERY, many(250)));
  });

  it('holds no more than it may, and then runs more', async () => {
    const announce = 60;
    await using free = reranker.session(QUERY, { announce });
    await free.add(many(50));
    const maxCacheBytes = Math.floor(free.bytes / 2);
    await using bounded = reranker.session(QUERY, { announce, maxCacheBytes });
    await bounded.add(many(50));
    expect(bounded.bytes).toBeGreaterThan(maxCacheBytes / 2);
    expect(bounded.bytes).toBeLessThanOrEqual(maxCacheBytes);
    const [some, all] = [await bounded.add(['the last']), await free.add(['the last'])];
    expect(some.cachedTokens).toBeLessThan(all.cachedTokens);
    expectSameScores(some, all);
    await using none = reranker.session(QUERY, { announce, maxCacheBytes: 0 });
    expectSameScores(await none.add([...many(50), 'the last']), all);
    expect(none.bytes).toBe(0);
  });

  it('gives embeddings and the best few, too, and an empty list ranks what is there', async () => {
    await using session = reranker.session(QUERY, { announce: 10 });
    expect(await session.add([])).toHaveLength(0);
    const ranking = await session.add(pages[0]!, { topN: 2, returnEmbeddings: true });
    expect(ranking.map(({ embedding }) => embedding!.length)).toEqual([EMBEDDING_LENGTH, EMBEDDING_LENGTH]);
    const again = await session.add([]);
    expect(again.cachedTokens).toBe(again.tokens);
    expectSameScores(again, await session.add([]));
  });

  it('is as it was when a request fails or is aborted', async () => {
    await using session = reranker.session(QUERY, { announce: 5 });
    await session.add(pages[0]!);
    const { bytes } = session;
    await expect(session.add(many(3))).rejects.toEqual(
      failure('invalid-input', /6 documents; it announced 5/),
    );
    await expect(session.add([7 as never])).rejects.toEqual(failure('invalid-input', /Document 0 is number/));
    const stop = new AbortController();
    const aborted = session.add(['another'], { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(aborted).rejects.toHaveProperty('name', 'AbortError');
    expect(session.documents).toEqual(pages[0]);
    expect(session.bytes).toBe(bytes);
    const held = reranker.deviceBytes;
    const ranking = await session.add(['another']);
    expect(reranker.deviceBytes).toBeGreaterThan(held);
    await using fresh = reranker.session(QUERY, { announce: 5 });
    expectSameScores(ranking, await fresh.add([...pages[0]!, 'another']));
  });

  it('gives its memory back, and is of no use afterwards', async () => {
    const held = reranker.deviceBytes;
    const session = reranker.session(QUERY, { announce: 9 });
    await session.add(pages[0]!);
    expect(reranker.deviceBytes).toBe(held + session.bytes);
    await session.dispose();
    expect(reranker.deviceBytes).toBe(held);
    await expect(session.add(['a'])).rejects.toEqual(failure('disposed', /session/));
  });

  it('that is disposed while it ranks gives its memory back after that', async () => {
    const held = reranker.deviceBytes;
    const session = reranker.session(QUERY, { announce: 9 });
    await session.add(pages[0]!);
    let disposed: Promise<void> | undefined;
    const onProgress = () => {
      disposed ??= session.dispose();
    };
    const ranking = await session.add(pages[1]!, { onProgress });
    expectSameScores(ranking, await announcedAtOnce(pages.slice(0, 2).flat()));
    await disposed;
    expect(reranker.deviceBytes).toBe(held);
  });

  it.each([
    [{ announce: 0 }, /announce is 0/],
    [{ announce: 1.5 }, /announce is 1.5/],
    [{ maxCacheBytes: -1 }, /maxCacheBytes is -1/],
    [{ maxDocumentLength: 0 }, /maxDocumentLength is 0/],
  ])('refuses %o', (options, message) => {
    expect(() => reranker.session(QUERY, options)).toThrow(failure('invalid-input', message));
  });
});

describe('with sliding layers', () => {
  const windowed = async (layerTypes: readonly string[]) => {
    const config = { ...TINY_CONFIG, layer_types: layerTypes, sliding_window: 32 };
    return Reranker.load(await tinyCheckpoint({ config, tensors: tinyTensors() }), { device: 'wasm' });
  };

  it('a session gives the same scores, and holds a window of those layers', async () => {
    await using hybrid = await windowed(['sliding_attention', 'full_attention']);
    await using global = await windowed(['full_attention', 'full_attention']);
    const bytes: number[] = [];
    for (const model of [hybrid, global]) {
      await using session = model.session(QUERY, { announce: 8 });
      let last: Ranking | undefined;
      for (const page of pages) last = await session.add(page);
      expectSameScores(last!, await model.rerank(QUERY, pages.flat()));
      bytes.push(session.bytes);
    }
    const tokens = bytes[1]! / (2 * 64 * 4); // two layers, keys and values of one head of 32
    expect(bytes[0]).toBe((tokens + 32) * 64 * 4);
  });
});
