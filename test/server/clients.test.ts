/** Programs that call a rerank API today, pointed at a server here. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createCohere } from '@ai-sdk/cohere';
import { ContextualCompressionRetriever } from '@langchain/classic/retrievers/contextual_compression';
import { CohereRerank } from '@langchain/cohere';
import { Document } from '@langchain/core/documents';
import { BaseRetriever } from '@langchain/core/retrievers';
import { rerank } from 'ai';
import { CohereClient, CohereClientV2, CohereError } from 'cohere-ai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reranker } from '../../src/reranker/reranker.js';
import { createServer } from '../../src/server/index.js';
import { type Listening, listen } from '../../src/server/listen.js';
import { DOCUMENTS, loadEmbedded, QUERY } from '../support/requests.js';

const KEY = 'test-key';
const MODEL = 'rerank-v3.5';

let reranker: Reranker;
let server: Listening;
let best: { index: number; relevanceScore: number }[];
beforeAll(async () => {
  reranker = await loadEmbedded();
  const app = createServer(reranker, { keys: [KEY], names: [MODEL] });
  server = await listen(app, { host: '127.0.0.1', port: 0 });
  const ranking = await reranker.rerank(QUERY, DOCUMENTS, { topN: 2 });
  best = ranking.map(({ index, relevanceScore }) => ({ index, relevanceScore }));
});
afterAll(async () => {
  await server.close();
  await reranker.dispose();
});

const request = { model: MODEL, query: QUERY, documents: [...DOCUMENTS], topN: 2 };

describe('Cohere’s client', () => {
  it.each([
    ['2', () => new CohereClientV2({ environment: server.url, token: KEY })],
    ['1', () => new CohereClient({ environment: server.url, token: KEY })],
  ])('of the API’s version %s gets a ranking', async (_version, client) => {
    const { results } = await client().rerank(request);
    expect(results).toMatchObject(best);
  });

  it('understands failures', async () => {
    const client = new CohereClientV2({ environment: server.url, token: 'wrong', maxRetries: 0 });
    const error = await client.rerank(request).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CohereError);
    expect(error).toMatchObject({ statusCode: 401, body: { message: expect.stringContaining('API key') } });
  });
});

describe('the AI SDK', () => {
  it('gets a ranking through its provider for Cohere', async () => {
    const cohere = createCohere({ baseURL: `${server.url}/v2`, apiKey: KEY });
    const { ranking } = await rerank({ ...request, model: cohere.reranking(MODEL) });
    expect(
      ranking.map(({ originalIndex, score }) => ({ index: originalIndex, relevanceScore: score })),
    ).toEqual(best);
  });
});

describe('LangChain', () => {
  class AllDocuments extends BaseRetriever {
    readonly lc_namespace = ['test'];

    override async _getRelevantDocuments() {
      return DOCUMENTS.map((pageContent) => new Document({ pageContent }));
    }
  }

  it('gets a ranking in its retriever, through its compressor for Cohere', async () => {
    const client = new CohereClient({ environment: server.url, token: KEY });
    const baseCompressor = new CohereRerank({ client, model: MODEL, topN: 2 });
    const retriever = new ContextualCompressionRetriever({
      baseCompressor,
      baseRetriever: new AllDocuments(),
    });
    const documents = await retriever.invoke(QUERY);
    expect(documents.map(({ pageContent }) => pageContent)).toEqual(
      best.map(({ index }) => DOCUMENTS[index]),
    );
    expect(documents[0]!.metadata.relevanceScore).toBe(best[0]!.relevanceScore);
  });
});

describe('curl', () => {
  const curl = async (path: string, body: object) => {
    const headers = ['-H', 'content-type: application/json', '-H', `authorization: Bearer ${KEY}`];
    const args = ['--silent', '--fail-with-body', server.url + path, ...headers, '-d', JSON.stringify(body)];
    return JSON.parse((await promisify(execFile)('curl', args)).stdout);
  };

  it('gets a ranking in the shape of text-embeddings-inference', async () => {
    const answer = await curl('/rerank', { query: QUERY, texts: DOCUMENTS, raw_scores: true });
    expect(answer.slice(0, 2)).toEqual(
      best.map(({ index, relevanceScore }) => ({ index, score: relevanceScore })),
    );
  });

  it('gets a ranking in the shape of Jina', async () => {
    const answer = await curl('/v1/rerank', { query: QUERY, documents: DOCUMENTS, top_n: 2 });
    expect(answer.results).toEqual(
      best.map(({ index, relevanceScore }) => ({ index, relevance_score: relevanceScore })),
    );
  });
});
