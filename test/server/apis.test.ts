/** What clients that nobody here wrote send, and what they read in the answers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reranker } from '../../src/reranker/reranker.js';
import { createServer, type Server, type ServerOptions } from '../../src/server/index.js';
import { DOCUMENTS, loadEmbedded, QUERY } from '../support/requests.js';
import { APIS, answerOf, post } from '../support/server.js';

let reranker: Reranker;
let server: Server;
beforeAll(async () => {
  reranker = await loadEmbedded();
  server = createServer(reranker);
});
afterAll(() => reranker.dispose());

const ask = (path: string, body: object, options?: ServerOptions) =>
  answerOf(options ? createServer(reranker, options) : server, path, post(body));

interface Result {
  index: number;
  relevance_score: number;
  document?: unknown;
}
const indices = (results: readonly Result[]) => results.map(({ index }) => index);
const scores = (results: readonly Result[]) => results.map(({ relevance_score }) => relevance_score);

const JINA = { query: QUERY, documents: DOCUMENTS };
const TEI = { query: QUERY, texts: DOCUMENTS };

describe('the body tells whose it is', () => {
  it.each(['/rerank', '/reranking', '/v1/rerank', '/v1/reranking', '/rerank/', '//v1/rerank/'])(
    'on %s, with the paths of vLLM, llama.cpp and Jina',
    async (path) => {
      expect((await ask(path, JINA)).body).toMatchObject({ object: 'list', results: [{ index: 1 }, {}, {}] });
      expect((await ask(path, { ...TEI, documents: null })).body).toMatchObject([{ index: 1 }, {}, {}]);
      expect((await ask(path, { ...JINA, texts: null })).body).toMatchObject({ object: 'list' });
    },
  );

  it('and failures have its shape; where it does not tell, the path’s', async () => {
    expect((await ask('/rerank', { documents: ['a'] })).body).toEqual({ detail: expect.any(Array) });
    expect((await ask('/v1/rerank', { texts: ['a'] })).body).toMatchObject({ error_type: 'Validation' });
    expect((await ask('/rerank', { query: QUERY })).body).toMatchObject({ error_type: 'Validation' });
    expect((await ask('/v1/rerank', { query: QUERY })).body).toEqual({ detail: expect.any(Array) });
  });
});

describe('Infinity’s API', () => {
  it('answers documents as strings, and scores from 0 to 1 unless they are to be raw', async () => {
    const ranking = await reranker.rerank(QUERY, DOCUMENTS);
    const { body, headers } = await ask('/infinity/rerank', { ...JINA, return_documents: true });
    expect(body).toEqual({
      id: headers.get('x-request-id'),
      object: 'rerank',
      model: 'embedded',
      created: expect.any(Number),
      usage: { prompt_tokens: ranking.tokens, total_tokens: ranking.tokens },
      results: ranking.map(({ index, relevanceScore, document }) => ({
        index,
        relevance_score: (1 + relevanceScore) / 2,
        document,
      })),
    });
    const raw = await ask('/infinity/rerank', { ...JINA, raw_scores: true });
    expect(raw.body.results[0]).toEqual({ index: 1, relevance_score: ranking[0]!.relevanceScore });
    const more = await ask('/infinity/rerank', { ...JINA, return_embeddings: true, diversity: 0.5 });
    expect(more.body.results[0]).toMatchObject({ embedding: expect.any(Array), gain: expect.any(Number) });
  });
});

describe('null is absence, and unknown fields are ignored', () => {
  const FIELDS = {
    jina:
      'model top_n return_documents return_embeddings raw_scores max_tokens_per_doc max_tokens_per_query ' +
      'truncation_side truncate_prompt_tokens max_chunks_per_doc rank_fields instruction diversity min_score texts',
    cohere: 'model top_n max_tokens_per_doc return_documents min_score',
    tei: 'raw_scores return_text truncate truncation_direction model top_n min_score documents',
  };

  it.each(Object.entries(APIS))('in the API of %s', async (name, { path, ask: bodyOf }) => {
    const plain = await ask(path, bodyOf(QUERY, DOCUMENTS));
    const nulls = Object.fromEntries(FIELDS[name as keyof typeof FIELDS].split(' ').map((f) => [f, null]));
    const more = await ask(path, { ...nulls, ...bodyOf(QUERY, DOCUMENTS), something: { new: [] } });
    expect(more.status).toBe(200);
    expect(more.body.results ?? more.body).toEqual(plain.body.results ?? plain.body);
  });

  it('and each optional field of the OpenAPI document takes null', async () => {
    const { body } = await answerOf(server, '/openapi.json');
    const bodies = { JinaRequest: JINA, InfinityRequest: JINA, CohereRequest: JINA, TeiRequest: TEI };
    for (const [name, required] of Object.entries(bodies)) {
      const { properties } = body.components.schemas[name];
      for (const [field, schema] of Object.entries<{ type: unknown }>(properties)) {
        if (!(field in required)) expect([schema.type].flat(), `${name}.${field}`).toContain('null');
      }
    }
  });
});

describe('documents that are objects, as Cohere’s version 1 has them', () => {
  const documents = [
    { id: 1, title: 'Photo editor', body: 'Shared library to parse XML.', pages: 12 },
    { id: 2, title: 'XML library', body: 'Retouch photographs and compose pictures.', tags: { a: [null] } },
  ];
  const rank = (body: object) => ask('/v1/rerank', { query: QUERY, documents, ...body });

  it('are read by the fields that rank_fields names, in its order', async () => {
    expect(indices((await rank({ rank_fields: ['title'] })).body.results)).toEqual([0, 1]);
    expect(indices((await rank({ rank_fields: ['body'] })).body.results)).toEqual([1, 0]);
    const texts = documents.map(({ title, body, pages }) => [body, title, pages].join('\n').trimEnd());
    const expected = await reranker.rerank(QUERY, texts);
    const { body } = await rank({ rank_fields: ['body', 'title', 'pages'] });
    expect(scores(body.results)).toEqual(expected.map(({ relevanceScore }) => relevanceScore));
  });

  it('are given back whole', async () => {
    const { body } = await rank({ rank_fields: ['title'], return_documents: true });
    expect(body.results.map(({ document }: Result) => document)).toEqual(documents);
    const texts = [{ text: 'Edit photos.', source: 'a' }, 'Play chess.'];
    const mixed = await ask('/v1/rerank', { query: QUERY, documents: texts, return_documents: true });
    expect(mixed.body.results.map(({ document }: Result) => document)).toEqual([
      texts[0],
      { text: 'Play chess.' },
    ]);
  });

  it.each<[string, object, string]>([
    ['no text', {}, 'a text'],
    ['an empty list of fields and no text', { rank_fields: [] }, 'a text'],
    ['none of the fields', { rank_fields: ['titel'] }, 'titel'],
    ['a field that is no text', { rank_fields: ['tags', 'text'] }, 'tags or text'],
    ['a field that every object has', { rank_fields: ['constructor'] }, 'constructor'],
  ])('are refused when they have %s', async (_what, body, message) => {
    const { status, body: answer } = await rank(body);
    expect(status).toBe(422);
    expect(answer.detail).toContainEqual({
      loc: ['body', 'documents', 1],
      msg: expect.stringContaining(message),
      type: 'invalid',
    });
  });

  it('are refused when they are nested too deep to be given back', async () => {
    const deep = `{"text":"a","x":${'['.repeat(5e5)}${']'.repeat(5e5)}}`;
    const body = `{"query":"x","return_documents":true,"documents":[${deep}]}`;
    expect(await answerOf(server, '/v1/rerank', post(body))).toMatchObject({ status: 422 });
  });
});

describe('where texts are cut', () => {
  const texts = ['chess '.repeat(60) + DOCUMENTS[1], `${DOCUMENTS[1]}${' chess'.repeat(60)}`];

  it('text-embeddings-inference’s truncation_direction says', async () => {
    const long = texts.map((text) => text.replace(/( ?chess ?)+/, (run) => run.repeat(40)));
    const best = async (direction?: string) => {
      const asked = { query: QUERY, texts: long, truncate: true, truncation_direction: direction };
      return (await ask('/rerank', asked)).body[0].index;
    };
    expect(await best('Left')).toBe(0);
    expect(await best('Right')).toBe(1);
    expect(await best()).toBe(1);
  });

  it('vLLM’s truncation_side and limits say', async () => {
    const best = async (body: object) => {
      const { results } = (await ask('/rerank', { query: QUERY, documents: texts, ...body })).body;
      return results[0].index;
    };
    expect(await best({ max_tokens_per_doc: 12, truncation_side: 'left' })).toBe(0);
    expect(await best({ max_tokens_per_doc: 12, truncation_side: 'right' })).toBe(1);
    const expected = await reranker.rerank(QUERY, DOCUMENTS, { maxDocumentLength: 4, maxQueryLength: 1 });
    const cut = await ask('/rerank', { ...JINA, max_tokens_per_doc: 4, max_tokens_per_query: 1 });
    expect(scores(cut.body.results)).toEqual(expected.map(({ relevanceScore }) => relevanceScore));
    const zero = await ask('/rerank', { ...JINA, max_tokens_per_doc: 0, max_tokens_per_query: 0 });
    expect(zero.body).toEqual((await ask('/rerank', JINA)).body);
  });

  it.each<[string, object]>([
    ['a direction that is none', { ...TEI, truncation_direction: 'left' }],
    ['a side that is none', { ...JINA, truncation_side: 'Left' }],
    ['a limit of query and document together', { ...JINA, truncate_prompt_tokens: 100 }],
    ['chunks', { ...JINA, max_chunks_per_doc: 10 }],
  ])('a request is refused that asks for %s', async (_what, body) => {
    const { status, text } = await ask('/rerank', body);
    expect(status).toBe(422);
    expect(text).toMatch(/trunc|max_tokens_per_doc/);
  });

  it('the server’s own limit holds where a request has none', async () => {
    const long = 'word '.repeat(2100);
    const short = createServer(reranker, { maxDocumentLength: 4 });
    const larger = createServer(reranker, { maxDocumentLength: 8192 });
    const expected = await reranker.rerank(QUERY, DOCUMENTS, { maxDocumentLength: 4 });
    const cut = await answerOf(short, '/v2/rerank', post(JINA));
    expect(scores(cut.body.results)).toEqual(expected.map(({ relevanceScore }) => relevanceScore));
    const whole = await answerOf(short, '/v2/rerank', post({ ...JINA, max_tokens_per_doc: 2048 }));
    expect(whole.body.results).toEqual((await ask('/v2/rerank', JINA)).body.results);
    const refusing = { query: QUERY, texts: [long] };
    expect(await answerOf(server, '/rerank', post(refusing))).toMatchObject({ status: 413 });
    expect(await answerOf(larger, '/rerank', post(refusing))).toMatchObject({ status: 200 });
  });
});

describe('scores', () => {
  it('are from 0 to 1 where server or request say so', async () => {
    const cosines = scores((await ask('/v1/rerank', JINA)).body.results);
    const shares = cosines.map((cosine) => (1 + cosine) / 2);
    const unit = { unitScores: true };
    for (const path of ['/v1/rerank', '/v2/rerank']) {
      expect(scores((await ask(path, JINA, unit)).body.results), path).toEqual(shares);
    }
    const asked = async (raw_scores: boolean, options?: ServerOptions) =>
      scores((await ask('/v1/rerank', { ...JINA, raw_scores }, options)).body.results);
    expect(await asked(true, unit)).toEqual(cosines);
    expect(await asked(false)).toEqual(shares);
  });

  it('below min_score are left out, in the numbers of the answer', async () => {
    const [best, second] = await reranker.rerank(QUERY, DOCUMENTS);
    const [first, next] = [best!.relevanceScore, second!.relevanceScore];
    const share = (cosine: number) => (1 + cosine) / 2;
    const count = async (path: string, body: object, options?: ServerOptions) => {
      const answer = (await ask(path, body, options)).body;
      return (answer.results ?? answer).length;
    };
    for (const path of ['/v1/rerank', '/v2/rerank']) {
      expect(await count(path, { ...JINA, min_score: first })).toBe(1);
      expect(await count(path, { ...JINA, min_score: next })).toBe(2);
      expect(await count(path, { ...JINA, min_score: next, top_n: 1 })).toBe(1);
      expect(await count(path, { ...JINA, min_score: share(next) }, { unitScores: true })).toBe(2);
      expect(await count(path, { ...JINA, min_score: -1 }, { unitScores: true })).toBe(3);
      expect(await count(path, JINA, { minScore: first })).toBe(1);
      expect(await count(path, { ...JINA, min_score: -1 }, { minScore: first })).toBe(3);
    }
    expect(await count('/rerank', { ...TEI, min_score: share(first) })).toBe(1);
    expect(await count('/rerank', { ...TEI, min_score: first, raw_scores: true })).toBe(1);
    expect(await count('/rerank', TEI, { minScore: 1 })).toBe(0);
  });

  it('top_n is heard by text-embeddings-inference’s clients, too', async () => {
    expect((await ask('/rerank', { ...TEI, top_n: 1 })).body).toHaveLength(1);
  });
});

describe('the model’s name', () => {
  const rank = (path: string, model: string, options: ServerOptions) =>
    ask(path, { model, query: QUERY, [path === '/rerank' ? 'texts' : 'documents']: DOCUMENTS }, options);

  it('may be any, and the answer names the model that ran', async () => {
    for (const path of ['/v1/rerank', '/v2/rerank', '/rerank', '/infinity/rerank']) {
      expect((await rank(path, 'some-model', {})).status).toBe(200);
    }
    expect((await rank('/v1/rerank', 'some-model', {})).body.model).toBe('embedded');
  });

  it('has to be one of the server’s where it is strict', async () => {
    const strict = { strictModel: true, names: ['rerank-v3.5', 'another-name'] };
    for (const name of ['embedded', 'rerank-v3.5', 'another-name']) {
      expect(await rank('/v1/rerank', name, strict)).toMatchObject({ status: 200 });
    }
    const statuses = { '/v1/rerank': 422, '/v2/rerank': 404, '/rerank': 404 };
    for (const [path, status] of Object.entries(statuses)) {
      const refused = await rank(path, 'some-model', strict);
      expect(refused.status, path).toBe(status);
      expect(refused.text).toContain('embedded, rerank-v3.5, another-name');
    }
  });
});
