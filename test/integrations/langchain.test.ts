import { ContextualCompressionRetriever } from '@langchain/classic/retrievers/contextual_compression';
import { MemoryVectorStore } from '@langchain/classic/vectorstores/memory';
import { Document, type DocumentInterface } from '@langchain/core/documents';
import { BaseDocumentCompressor } from '@langchain/core/retrievers/document_compressors';
import { FakeEmbeddings } from '@langchain/core/utils/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ListwiseRerank } from '../../src/integrations/langchain.js';
import type { RerankOptions } from '../../src/reranker/options.js';
import type { Reranker } from '../../src/reranker/reranker.js';
import { failure } from '../support/failure.js';
import { DOCUMENTS, loadEmbedded, QUERY } from '../support/requests.js';

let reranker: Reranker;
beforeAll(async () => {
  reranker = await loadEmbedded();
});
afterAll(() => reranker.dispose());

const documents = (): Document[] =>
  DOCUMENTS.map(
    (pageContent, place) =>
      new Document({ pageContent, metadata: { source: `${place}.txt`, tags: ['a'] }, id: `id-${place}` }),
  );
const contents = (list: readonly DocumentInterface[]) => list.map(({ pageContent }) => pageContent);

describe('ListwiseRerank for LangChain', () => {
  it('is a document compressor', () => {
    const compressor = new ListwiseRerank(reranker);
    expect(compressor).toBeInstanceOf(BaseDocumentCompressor);
    expect(BaseDocumentCompressor.isBaseDocumentCompressor(compressor)).toBe(true);
  });

  it('puts documents in the order of the ranking; each keeps its id and metadata, and gets a score', async () => {
    const usual = await reranker.rerank(QUERY, DOCUMENTS);
    const ranked = await new ListwiseRerank(reranker).compressDocuments(documents(), QUERY);
    expect(ranked).toEqual(
      usual.map(
        ({ index, relevanceScore, document }) =>
          new Document({
            pageContent: document,
            metadata: { source: `${index}.txt`, tags: ['a'], relevanceScore },
            id: `id-${index}`,
          }),
      ),
    );
    expect(contents(ranked)).not.toEqual(DOCUMENTS);
  });

  it('leaves what it was given as it was', async () => {
    const given = documents();
    await new ListwiseRerank(reranker).compressDocuments(given, QUERY);
    expect(given).toEqual(documents());
  });

  it('ranks with the options it was made with', async () => {
    const options = { instruction: 'Prefer libraries.', diversity: 0.5, topN: 2, maxDocumentLength: 4 };
    const usual = await reranker.rerank(QUERY, DOCUMENTS, options);
    const ranked = await new ListwiseRerank(reranker, options).compressDocuments(documents(), QUERY);
    expect(ranked.map(({ metadata }) => metadata.relevanceScore)).toEqual(
      usual.map(({ relevanceScore }) => relevanceScore),
    );
  });

  it.each([0, 1, 100])('gives at most topN documents: of three with %i', async (topN) => {
    const ranked = await new ListwiseRerank(reranker, { topN }).compressDocuments(documents(), QUERY);
    expect(ranked).toHaveLength(Math.min(topN, DOCUMENTS.length));
  });

  it('gives none for none', async () => {
    expect(await new ListwiseRerank(reranker).compressDocuments([], QUERY)).toEqual([]);
  });
});

describe('inside a ContextualCompressionRetriever', () => {
  /** To its embeddings all texts are alike, so that it finds them in the order in which they were added. */
  const baseRetriever = async () => {
    const store = await MemoryVectorStore.fromDocuments(documents(), new FakeEmbeddings());
    return store.asRetriever(DOCUMENTS.length);
  };
  const retriever = async (options?: RerankOptions) =>
    new ContextualCompressionRetriever({
      baseCompressor: new ListwiseRerank(reranker, options),
      baseRetriever: await baseRetriever(),
    });

  it('what the vector store finds comes in the order of the ranking', async () => {
    const found = contents(await (await baseRetriever()).invoke(QUERY));
    expect(found).toEqual(DOCUMENTS);
    const usual = await reranker.rerank(QUERY, DOCUMENTS);
    const order = usual.map(({ document }) => document);
    expect(order).not.toEqual(found);
    expect(contents(await (await retriever()).invoke(QUERY))).toEqual(order);
    expect(contents(await (await retriever({ topN: 1 })).invoke(QUERY))).toEqual(order.slice(0, 1));
  });

  it('callbacks hear what was retrieved, in the order of the ranking', async () => {
    const heard: string[][] = [];
    const callbacks = [{ handleRetrieverEnd: (found: DocumentInterface[]) => heard.push(contents(found)) }];
    const ranked = await (await retriever()).invoke(QUERY, { callbacks });
    expect(heard.at(-1)).toEqual(contents(ranked));
  });

  it('errors of the reranker pass through', async () => {
    await expect((await retriever()).invoke(' ')).rejects.toEqual(failure('invalid-input', /query is empty/));
    await expect((await retriever({ topN: -1 })).invoke(QUERY)).rejects.toEqual(
      failure('invalid-input', /topN is -1/),
    );
  });

  it('an aborted request rejects with the signal’s reason, before it runs and while it does', async () => {
    const reason = new Error('changed my mind');
    await expect((await retriever({ signal: AbortSignal.abort(reason) })).invoke(QUERY)).rejects.toBe(reason);
    const controller = new AbortController();
    const onProgress = () => controller.abort(reason);
    const running = (await retriever({ signal: controller.signal, onProgress })).invoke(QUERY);
    await expect(running).rejects.toBe(reason);
  });
});
