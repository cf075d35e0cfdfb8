import { rerank } from 'ai';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ListwiseProviderOptions, listwise } from '../../src/integrations/ai-sdk.js';
import type { Reranker } from '../../src/reranker/reranker.js';
import { failure } from '../support/failure.js';
import { DOCUMENTS, loadEmbedded, QUERY } from '../support/requests.js';

let reranker: Reranker;
beforeAll(async () => {
  reranker = await loadEmbedded();
});
afterAll(() => reranker.dispose());

/** What the AI SDK would print of warnings. */
const warn = vi.fn();
beforeEach(() => {
  warn.mockClear();
  vi.stubGlobal('AI_SDK_LOG_WARNINGS', warn);
});

const request = () => ({ model: listwise(reranker), query: QUERY, documents: [...DOCUMENTS] });
const withOptions = (options: ListwiseProviderOptions) => ({
  ...request(),
  providerOptions: { listwise: options },
});

describe('rerank() of the AI SDK', () => {
  it('gives the ranking of the reranker', async () => {
    const usual = await reranker.rerank(QUERY, DOCUMENTS);
    const { ranking, rerankedDocuments, originalDocuments } = await rerank(request());
    expect(ranking).toEqual(
      usual.map(({ index, relevanceScore, document }) => ({
        originalIndex: index,
        score: relevanceScore,
        document,
      })),
    );
    expect(rerankedDocuments).not.toEqual(originalDocuments);
    expect(warn).not.toHaveBeenCalled();
  });

  it('says which model ranked, and how many tokens that took', async () => {
    const { tokens, cachedTokens } = await reranker.rerank(QUERY, DOCUMENTS);
    const { response, providerMetadata } = await rerank(request());
    expect(response).toMatchObject({ modelId: 'embedded', timestamp: expect.any(Date) });
    expect(providerMetadata).toEqual({ listwise: { tokens, cachedTokens } });
  });

  it('gives the model objects as JSON text, with a warning, and gives the objects back', async () => {
    const objects = DOCUMENTS.map((text, id) => ({ id, text }));
    const usual = await reranker.rerank(
      QUERY,
      objects.map((object) => JSON.stringify(object)),
    );
    const { ranking } = await rerank({ ...request(), documents: objects });
    expect(ranking.map(({ score }) => score)).toEqual(usual.map(({ relevanceScore }) => relevanceScore));
    expect(ranking.map(({ document }) => document)).toEqual(usual.map(({ index }) => objects[index]));
    expect(warn).toHaveBeenCalledExactlyOnceWith({
      warnings: [expect.objectContaining({ type: 'compatibility', feature: 'object documents' })],
      provider: 'listwise',
      model: 'embedded',
    });
  });

  it.each([1, 2, 100])('gives at most topN documents: of three with %i', async (topN) => {
    const { ranking } = await rerank({ ...request(), topN });
    expect(ranking).toHaveLength(Math.min(topN, DOCUMENTS.length));
  });

  it('gives an empty ranking for no documents, which the model itself does as well', async () => {
    expect((await rerank({ ...request(), documents: [] })).ranking).toEqual([]);
    const none = await listwise(reranker).doRerank({ query: QUERY, documents: { type: 'text', values: [] } });
    expect(none.ranking).toEqual([]);
  });
});

describe('providerOptions.listwise', () => {
  it('are options of the reranker', async () => {
    const options = {
      instruction: 'Prefer libraries.',
      diversity: 0.5,
      maxDocumentLength: 4,
      maxQueryLength: 2,
      minScore: 0,
    };
    const usual = await reranker.rerank(QUERY, DOCUMENTS, options);
    const { ranking, providerMetadata } = await rerank(withOptions(options));
    expect(ranking.map(({ score }) => score)).toEqual(usual.map(({ relevanceScore }) => relevanceScore));
    expect(providerMetadata?.listwise?.tokens).toBe(usual.tokens);
    expect(warn).not.toHaveBeenCalled();
  });

  it('that are wrong are refused', async () => {
    await expect(rerank(withOptions({ diversity: 2 }))).rejects.toEqual(
      failure('invalid-input', /diversity is 2/),
    );
    const instruction = ['not', 'a', 'string'];
    const wrong = { ...request(), providerOptions: { listwise: { instruction } } };
    await expect(rerank(wrong)).rejects.toEqual(failure('invalid-input', /instruction is an array/));
  });

  it('that are unknown do nothing but warn', async () => {
    const providerOptions = { listwise: { instructions: 'Prefer libraries.' }, cohere: { priority: 1 } };
    const { ranking } = await rerank({ ...request(), providerOptions });
    expect(ranking).toEqual((await rerank(request())).ranking);
    expect(warn).toHaveBeenCalledExactlyOnceWith({
      warnings: [{ type: 'unsupported', feature: 'providerOptions.listwise.instructions' }],
      provider: 'listwise',
      model: 'embedded',
    });
  });
});

describe('a request that fails', () => {
  it.each([
    ['an empty query', { query: ' ' }, /query is empty/],
    ['a topN below 0', { topN: -1 }, /topN is -1/],
  ])('for %s rejects with the error of the reranker', async (_what, wrong, message) => {
    await expect(rerank({ ...request(), ...wrong })).rejects.toEqual(failure('invalid-input', message));
  });

  it('is not tried again', async () => {
    const asked = vi.spyOn(reranker, 'rerank');
    await expect(rerank({ ...request(), query: '' })).rejects.toThrow();
    expect(asked).toHaveBeenCalledOnce();
    asked.mockRestore();
  });

  it('since it was aborted, before or after it was made, rejects with the signal’s reason', async () => {
    const reason = new Error('changed my mind');
    const aborted = { ...request(), abortSignal: AbortSignal.abort(reason) };
    await expect(rerank(aborted)).rejects.toBe(reason);
    const controller = new AbortController();
    const made = rerank({ ...request(), abortSignal: controller.signal });
    controller.abort(reason);
    await expect(made).rejects.toBe(reason);
  });
});
