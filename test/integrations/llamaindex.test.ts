import { MockLLM } from '@llamaindex/core/llms/mock';
import { RetrieverQueryEngine } from '@llamaindex/core/query-engine';
import { getResponseSynthesizer } from '@llamaindex/core/response-synthesizers';
import { BaseRetriever } from '@llamaindex/core/retriever';
import { type NodeWithScore, TextNode } from '@llamaindex/core/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ListwiseRerank } from '../../src/integrations/llamaindex.js';
import type { RerankOptions } from '../../src/reranker/options.js';
import type { Reranker } from '../../src/reranker/reranker.js';
import { failure } from '../support/failure.js';
import { DOCUMENTS, loadEmbedded, QUERY } from '../support/requests.js';

let reranker: Reranker;
beforeAll(async () => {
  reranker = await loadEmbedded();
});
afterAll(() => reranker.dispose());

/** As a retriever leaves them: with scores of its own. */
const nodes = (): NodeWithScore[] =>
  DOCUMENTS.map((text, place) => ({
    node: new TextNode({ id_: `id-${place}`, text }),
    score: 1 - place / 10,
  }));
const ids = (list: readonly NodeWithScore[]) => list.map(({ node }) => node.id_);
const rank = (given: NodeWithScore[], options?: RerankOptions) =>
  new ListwiseRerank(reranker, options).postprocessNodes(given, QUERY);

describe('ListwiseRerank for LlamaIndex', () => {
  it('puts nodes in the order of the ranking, each with its relevance score', async () => {
    const given = nodes();
    const usual = await reranker.rerank(QUERY, DOCUMENTS);
    const ranked = await rank(given);
    expect(ranked.map(({ score }) => score)).toEqual(usual.map(({ relevanceScore }) => relevanceScore));
    for (const [place, { index }] of usual.entries()) expect(ranked[place]!.node).toBe(given[index]!.node);
    expect(ids(ranked)).not.toEqual(ids(given));
  });

  it('leaves what it was given as it was', async () => {
    const given = nodes();
    await rank(given);
    expect(given.map(({ score }) => score)).toEqual(nodes().map(({ score }) => score));
    expect(ids(given)).toEqual(ids(nodes()));
  });

  it('has the model read the metadata that are embedded, too', async () => {
    const given = DOCUMENTS.map((text, place) => ({
      node: new TextNode({
        text,
        metadata: { title: `Page ${place}`, path: '/tmp' },
        excludedEmbedMetadataKeys: ['path'],
      }),
    }));
    const usual = await reranker.rerank(
      QUERY,
      DOCUMENTS.map((text, place) => `title: Page ${place}\n\n${text}`),
    );
    expect((await rank(given)).map(({ score }) => score)).toEqual(
      usual.map(({ relevanceScore }) => relevanceScore),
    );
  });

  it('ranks with the options it was made with', async () => {
    const options = { instruction: 'Prefer libraries.', diversity: 0.5, topN: 2, maxDocumentLength: 4 };
    const usual = await reranker.rerank(QUERY, DOCUMENTS, options);
    expect((await rank(nodes(), options)).map(({ score }) => score)).toEqual(
      usual.map(({ relevanceScore }) => relevanceScore),
    );
  });

  it.each([0, 1, 100])('gives at most topN nodes: of three with %i', async (topN) => {
    expect(await rank(nodes(), { topN })).toHaveLength(Math.min(topN, DOCUMENTS.length));
  });

  it('gives none for none', async () => {
    expect(await rank([])).toEqual([]);
  });

  it('reads the text of a query in parts', async () => {
    const parts = [
      { type: 'text' as const, text: QUERY },
      { type: 'image_url' as const, image_url: { url: 'https://example.com/photo.jpeg' } },
    ];
    expect(await new ListwiseRerank(reranker).postprocessNodes(nodes(), parts)).toEqual(await rank(nodes()));
  });

  it('refuses a query that is missing or has no text', async () => {
    const postprocessor = new ListwiseRerank(reranker);
    const refused = failure('invalid-input', /query is empty/);
    await expect(postprocessor.postprocessNodes(nodes())).rejects.toEqual(refused);
    await expect(postprocessor.postprocessNodes(nodes(), [])).rejects.toEqual(refused);
  });
});

describe('inside a RetrieverQueryEngine', () => {
  /** Finds the same nodes for every query. */
  class FixedRetriever extends BaseRetriever {
    readonly #found: NodeWithScore[];

    constructor(found: NodeWithScore[]) {
      super();
      this.#found = found;
    }

    override async _retrieve(): Promise<NodeWithScore[]> {
      return this.#found;
    }
  }

  const engine = (options?: RerankOptions) =>
    new RetrieverQueryEngine(
      new FixedRetriever(nodes()),
      getResponseSynthesizer('compact', { llm: new MockLLM() }),
      [new ListwiseRerank(reranker, options)],
    );

  it('the answer is made from the nodes that ranked best', async () => {
    const usual = await reranker.rerank(QUERY, DOCUMENTS, { topN: 2 });
    const { sourceNodes } = await engine({ topN: 2 }).query({ query: QUERY });
    expect(ids(sourceNodes ?? [])).toEqual(usual.map(({ index }) => `id-${index}`));
  });

  it('errors of the reranker pass through', async () => {
    await expect(engine().query({ query: ' ' })).rejects.toEqual(failure('invalid-input', /query is empty/));
    await expect(engine({ topN: -1 }).query({ query: QUERY })).rejects.toEqual(
      failure('invalid-input', /topN is -1/),
    );
  });

  it('an aborted request rejects with the signal’s reason, before it runs and while it does', async () => {
    const reason = new Error('changed my mind');
    const aborted = engine({ signal: AbortSignal.abort(reason) });
    await expect(aborted.query({ query: QUERY })).rejects.toBe(reason);
    const controller = new AbortController();
    const onProgress = () => controller.abort(reason);
    const running = engine({ signal: controller.signal, onProgress }).query({ query: QUERY });
    await expect(running).rejects.toBe(reason);
  });
});
