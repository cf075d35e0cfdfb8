/** What the HTTP application answers, without a network. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reranker } from '../../src/reranker/reranker.js';
import { createServer, type RequestEntry, type Server, type ServerOptions } from '../../src/server/index.js';
import { failure } from '../support/failure.js';
import { nextRun, watchProgress } from '../support/progress.js';
import { DOCUMENTS, EMBEDDING_LENGTH, loadEmbedded, QUERY } from '../support/requests.js';
import { APIS, answerOf, post } from '../support/server.js';

let reranker: Reranker;
let server: Server;
beforeAll(async () => {
  reranker = await loadEmbedded();
  server = createServer(reranker);
});
afterAll(() => reranker.dispose());

const ask = (path: string, init?: RequestInit, of: Server = server) => answerOf(of, path, init);

describe('the Jina API', () => {
  const rank = (body: object) => ask('/v1/rerank', post({ query: QUERY, documents: DOCUMENTS, ...body }));

  it('gives the scores of rerank, the best first', async () => {
    const ranking = await reranker.rerank(QUERY, DOCUMENTS);
    const { status, body } = await rank({});
    expect(status).toBe(200);
    expect(body).toEqual({
      model: 'embedded',
      object: 'list',
      usage: { total_tokens: ranking.tokens },
      results: ranking.map(({ index, relevanceScore }) => ({ index, relevance_score: relevanceScore })),
    });
    expect(body.results[0].index).toBe(1);
  });

  it('takes documents as objects, too, and returns texts and embeddings on request', async () => {
    const documents = [DOCUMENTS[0], { text: DOCUMENTS[1] }];
    const { body } = await rank({ documents, top_n: 1, return_documents: true, return_embeddings: true });
    expect(body.results).toEqual([
      {
        index: 1,
        relevance_score: expect.any(Number),
        document: { text: DOCUMENTS[1] },
        embedding: expect.any(Array),
      },
    ]);
    expect(body.results[0].embedding.length).toBe(EMBEDDING_LENGTH);
  });

  it('takes an instruction and diversity', async () => {
    const { body } = await rank({ instruction: 'Prefer games.', diversity: 0.5 });
    const expected = await reranker.rerank(QUERY, DOCUMENTS, {
      instruction: 'Prefer games.',
      diversity: 0.5,
    });
    expect(body.results.map(({ gain }: { gain: number }) => gain)).toEqual(expected.map(({ gain }) => gain));
  });

  it('says what is wrong where', async () => {
    const { status, body } = await rank({ documents: ['a', 7], top_n: 0 });
    expect(status).toBe(422);
    expect(body.detail.map(({ loc }: { loc: unknown }) => loc)).toEqual([
      ['body', 'documents', 1],
      ['body', 'top_n'],
    ]);
  });
});

describe('the Cohere API', () => {
  it('gives the scores of rerank, the best first', async () => {
    const ranking = await reranker.rerank(QUERY, DOCUMENTS, { maxDocumentLength: 4 });
    const asked = { model: 'embedded', query: QUERY, documents: DOCUMENTS, top_n: 2, max_tokens_per_doc: 4 };
    const { status, body, headers } = await ask('/v2/rerank', post(asked));
    expect(status).toBe(200);
    expect(body.results).toEqual(
      ranking.slice(0, 2).map(({ index, relevanceScore }) => ({ index, relevance_score: relevanceScore })),
    );
    expect(body.id).toBe(headers.get('x-request-id'));
  });

  it('answers failures with a message', async () => {
    const { status, body } = await ask('/v2/rerank', post({ query: QUERY, documents: [{ text: 'x' }] }));
    expect(status).toBe(400);
    expect(body).toEqual({ message: expect.stringContaining('documents.0') });
  });
});

describe('the API of text-embeddings-inference', () => {
  const rank = (body: object) => ask('/rerank', post({ query: QUERY, texts: DOCUMENTS, ...body }));

  it('gives the scores of rerank, raw or from 0 to 1', async () => {
    const ranking = await reranker.rerank(QUERY, DOCUMENTS);
    const raw = await rank({ raw_scores: true, return_text: true });
    expect(raw.body).toEqual(
      ranking.map(({ index, relevanceScore, document }) => ({
        index,
        score: relevanceScore,
        text: document,
      })),
    );
    const { body } = await rank({});
    expect(body).toEqual(
      ranking.map(({ index, relevanceScore }) => ({ index, score: (1 + relevanceScore) / 2 })),
    );
  });

  it('cuts texts that are too long if it may, and refuses them otherwise', async () => {
    const texts = ['short', 'word '.repeat(2100)];
    expect(await rank({ texts, truncate: true })).toMatchObject({ status: 200 });
    expect(await rank({ texts })).toMatchObject({
      status: 413,
      body: { error: expect.stringContaining('Text 1'), error_type: 'Validation' },
    });
    expect(await rank({ query: 'word '.repeat(600), texts: ['x'] })).toMatchObject({ status: 413 });
    expect(await rank({ texts: ['word '.repeat(2000)] })).toMatchObject({ status: 200 });
  });
});

describe.each(Object.entries(APIS))('%s', (name, { path, ask: bodyOf }) => {
  const good = bodyOf(QUERY, DOCUMENTS);
  const malformed = { jina: 422, cohere: 400, tei: 400 }[name];
  const invalid = { jina: 422, cohere: 400, tei: 422 }[name];
  const tooMany = { jina: 422, cohere: 400, tei: 413 }[name];
  /** How each API words a failure. */
  const shape = {
    jina: { detail: expect.any(Array) },
    cohere: { message: expect.any(String) },
    tei: { error: expect.any(String), error_type: expect.any(String) },
  }[name];

  it.each([
    ['no JSON', '{"query": "x', malformed],
    ['nothing', '', malformed],
    ['another value', '7', invalid],
    ['no query', bodyOf(undefined, DOCUMENTS), invalid],
    ['an empty query', bodyOf(' \n', DOCUMENTS), invalid],
    ['a query that is no text', bodyOf(['x'], DOCUMENTS), invalid],
    ['no documents', bodyOf(QUERY, undefined), invalid],
    ['an empty list of documents', bodyOf(QUERY, []), invalid],
    ['documents that are no texts', bodyOf(QUERY, ['x', null]), invalid],
    ['10,000 documents', bodyOf(QUERY, Array(10_000).fill('x')), tooMany],
    ['10,000 wrong documents', bodyOf(QUERY, Array(10_000).fill(0)), invalid],
    ['50 MB', bodyOf(QUERY, ['x'.repeat(5e7)]), 413],
  ])('refuses %s', async (_what, body, status) => {
    const answer = await ask(path, post(body));
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual(shape);
    expect(answer.text.length).toBeLessThan(2000);
  });

  it('refuses other media types and methods', async () => {
    const text = post(good, { 'content-type': 'text/plain' });
    expect(await ask(path, text)).toMatchObject({ status: 415, body: shape });
    const got = await ask(path);
    expect(got).toMatchObject({ status: 405, body: shape });
    expect(got.headers.get('allow')).toBe('POST');
  });

  it('asks for a key where there are keys', async () => {
    const locked = createServer(reranker, { keys: ['first-key', 'second-key'] });
    for (const authorization of [
      '',
      'Bearer',
      'Bearer wrong',
      'first-key',
      'Basic first-key',
      'Bearer first-key2',
    ]) {
      const refused = await ask(path, post(good, { authorization }), locked);
      expect(refused, authorization).toMatchObject({ status: 401, body: shape });
      expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    }
    for (const authorization of ['Bearer first-key', 'bearer second-key']) {
      expect(await ask(path, post(good, { authorization }), locked)).toMatchObject({ status: 200 });
    }
  });

  it('sends away what is more than may wait, and says when to come again', async () => {
    const small = createServer(reranker, { maxQueue: 2 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(path, post(good), small)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 429, 429, 429]);
    for (const { status, body, headers } of answers) {
      if (status === 429) expect(body).toEqual(shape);
      expect(headers.has('retry-after')).toBe(status === 429);
    }
    expect(await ask(path, post(good), small)).toMatchObject({ status: 200 });
  });

  it('gives up what takes too long', async () => {
    const hasty = createServer(reranker, { timeout: 0.02 });
    const long = bodyOf(QUERY, Array(400).fill('some words for the model to read '.repeat(20)));
    expect(await ask(path, post(long), hasty)).toMatchObject({ status: 504, body: shape });
    expect(await ask(path, post(good))).toMatchObject({ status: 200 });
  });

  it('gives up what its client does not wait for', async () => {
    const seen: RequestEntry[] = [];
    const watched = createServer(reranker, { onRequest: (entry) => seen.push(entry) });
    const client = new AbortController();
    const reports = watchProgress(reranker, () => client.abort());
    const long = bodyOf(QUERY, Array(400).fill('some words for the model to read '.repeat(20)));
    await ask(path, { ...post(long), signal: client.signal }, watched);
    expect(seen).toEqual([expect.objectContaining({ api: name, status: 499, failure: 'gone' })]);
    expect(reports).toHaveLength(1);
    expect(reports[0]!.done).toBeLessThan(reports[0]!.total / 10);
  });

  it('says 503 when it is being shut down, after it answered what was under way', async () => {
    const closing = createServer(reranker);
    const begun = nextRun(reranker);
    const before = ask(path, post(good), closing);
    await begun;
    const closed = closing.close();
    expect(await ask('/ready', {}, closing)).toMatchObject({ status: 503 });
    expect(await ask(path, post(good), closing)).toMatchObject({ status: 503, body: shape });
    expect(await before).toMatchObject({ status: 200 });
    await closed;
  });

  it('says 503 to what is still under way when the time of grace is over', async () => {
    const closing = createServer(reranker);
    const begun = nextRun(reranker);
    const long = ask(path, post(bodyOf(QUERY, Array(400).fill('some words to read '.repeat(20)))), closing);
    await begun;
    await closing.close(0.01);
    expect(await long).toMatchObject({ status: 503, body: shape });
  });
});

describe('for those who operate it', () => {
  it('there are /health, /ready and a page', async () => {
    expect(await ask('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await ask('/ready')).toMatchObject({ status: 200, body: { status: 'ready', model: 'embedded' } });
    const page = await ask('/');
    expect(page.text).toContain('<title>listwise</title>');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await ask('/nothing')).toMatchObject({ status: 404, body: { error: expect.any(String) } });
  });

  it('/metrics counts requests, documents, tokens and seconds', async () => {
    const counted = createServer(reranker);
    const { tokens, cachedTokens } = await reranker.rerank(QUERY, DOCUMENTS);
    await ask('/v1/rerank', post(APIS.jina.ask(QUERY, DOCUMENTS)), counted);
    await ask('/v2/rerank', post('no JSON'), counted);
    const { text } = await ask('/metrics', {}, counted);
    for (const line of [
      'listwise_requests_total{api="jina",status="200"} 1',
      'listwise_requests_total{api="cohere",status="400"} 1',
      `listwise_documents_total ${DOCUMENTS.length}`,
      `listwise_tokens_total{kind="run"} ${tokens - cachedTokens}`,
      `listwise_tokens_total{kind="cached"} ${cachedTokens}`,
      'listwise_queue_requests 0',
      'listwise_phase_seconds_count{phase="receive"} 1',
      'listwise_phase_seconds_count{phase="wait"} 1',
      'listwise_phase_seconds_count{phase="rank"} 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  it('the log holds nothing that a user wrote', async () => {
    const entries: RequestEntry[] = [];
    const logged = createServer(reranker, { strictModel: true, onRequest: (entry) => entries.push(entry) });
    const secret = 'confidential';
    await ask('/v1/rerank', post({ query: secret, documents: [secret] }), logged);
    await ask('/v1/rerank', post({ query: secret, documents: [secret], model: secret }), logged);
    await ask('/v2/rerank', post(`{${secret}`, { 'x-request-id': 'mine' }), logged);
    await ask(`/${secret}`, {}, logged);
    expect(entries.map(({ api, status, failure }) => [api, status, failure])).toEqual([
      ['jina', 200, undefined],
      ['jina', 422, 'unknown-model'],
      ['cohere', 400, 'malformed'],
    ]);
    expect(entries[2]!.id).toBe('mine');
    expect(JSON.stringify(entries)).not.toContain(secret);
  });

  it('/openapi.json describes the three APIs, and keys where there are keys', async () => {
    const { body } = await ask('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    for (const { path } of Object.values(APIS)) {
      const { responses } = body.paths[path].post;
      expect(Object.keys(responses)).toEqual(
        expect.arrayContaining(['200', '401', '413', '429', '503', '504']),
      );
    }
    expect(body.security).toEqual([]);
    const locked = await ask('/openapi.json', {}, createServer(reranker, { keys: ['k'] }));
    expect(locked.body.security).toEqual([{ key: [] }]);
    expect(locked.body.components.securitySchemes.key).toEqual({ type: 'http', scheme: 'bearer' });
  });

  it.each<[string, ServerOptions]>([
    ['maxQueue', { maxQueue: 0 }],
    ['timeout', { timeout: Number.NaN }],
    ['maxBodyBytes', { maxBodyBytes: -1 }],
    ['maxDocumentLength', { maxDocumentLength: 0.5 }],
    ['minScore', { minScore: 2 }],
  ])('an unusable %s is refused at the start', (name, options) => {
    expect(() => createServer(reranker, options)).toThrow(failure('invalid-input', new RegExp(name)));
  });
});
