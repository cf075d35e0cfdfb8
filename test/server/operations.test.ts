/** What programs ask beside rankings: the model, headers, other pages' scripts, a proxy's prefix. */
import { once } from 'node:events';
import { createServer as createProxy } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import type { Reranker } from '../../src/reranker/reranker.js';
import { createServer, type Server } from '../../src/server/index.js';
import { failure } from '../support/failure.js';
import { DOCUMENTS, QUERY } from '../support/requests.js';
import { APIS, answerOf, listening, post, tinyReranker } from '../support/server.js';

let reranker: Reranker;
let server: Server;
beforeAll(async () => {
  reranker = await tinyReranker();
  server = createServer(reranker, { names: ['one', 'two', 'tiny'], maxDocuments: 50, maxQueue: 7 });
});
afterAll(() => reranker.dispose());

const ask = (path: string, init?: RequestInit, of = server) => answerOf(of, path, init);
const GETS = ['/', '/health', '/ready', '/metrics', '/openapi.json', '/info', '/v1/models', '/models'];

describe('the model', () => {
  it('is told as OpenAI does', async () => {
    const before = Math.floor(Date.now() / 1000) - 60;
    for (const path of ['/v1/models', '/models', '/v1/models/']) {
      const { body } = await ask(path);
      expect(body.object).toBe('list');
      expect(body.data.map(({ id }: { id: string }) => id)).toEqual(['tiny', 'one', 'two']);
      expect(body.data[0]).toMatchObject({ object: 'model', owned_by: 'listwise' });
      expect(body.data[0].created).toBeGreaterThan(before);
    }
  });

  it('is told as text-embeddings-inference does', async () => {
    const { body } = await ask('/info');
    expect(body).toMatchObject({
      model_id: 'tiny',
      model_dtype: 'f32',
      max_concurrent_requests: 7,
      max_input_length: 2048,
      max_client_batch_size: 50,
      version: packageJson.version,
    });
    expect(Object.keys(body.model_type)).toEqual(['reranker']);
  });

  it('needs no key to be told', async () => {
    const locked = createServer(reranker, { keys: ['k'] });
    for (const path of GETS) expect(await ask(path, {}, locked), path).toMatchObject({ status: 200 });
  });
});

describe('methods', () => {
  it('HEAD is answered as GET, without a body', async () => {
    for (const path of GETS) {
      const [head, get] = [await ask(path, { method: 'HEAD' }), await ask(path)];
      expect(head, path).toMatchObject({ status: 200, text: '' });
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    }
  });

  it('others are refused, and the answer names those that are taken', async () => {
    for (const path of GETS) {
      const { status, headers } = await ask(path, { method: 'POST' });
      expect([status, headers.get('allow')], path).toEqual([405, 'GET, HEAD']);
    }
    for (const { path } of Object.values(APIS)) {
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE']) {
        const { status, headers } = await ask(path, { method });
        expect([status, headers.get('allow')], method + path).toEqual([405, 'POST']);
      }
    }
  });
});

describe('X-Request-Id', () => {
  it('is honoured when it is short and plain, and made otherwise', async () => {
    const idOf = async (given: string) => {
      const headers = { 'x-request-id': given };
      const { headers: answered, body } = await ask(
        '/v2/rerank',
        post({ query: QUERY, documents: DOCUMENTS }, headers),
      );
      expect(body.id).toBe(answered.get('x-request-id'));
      return body.id;
    };
    for (const id of ['mine', 'req:7.12/a+b@host', 'Root=1-67891233-abcdef', '{"a"}', 'x'.repeat(255)]) {
      expect(await idOf(id)).toBe(id);
    }
    for (const id of ['', 'two words', 'é', 'x'.repeat(256)]) {
      expect(await idOf(id)).toMatch(/^[\da-f-]{36}$/);
    }
  });
});

describe('scripts of other pages', () => {
  const PAGE = 'https://app.example';
  const preflight = (of: Server, origin = PAGE) =>
    ask(
      '/v1/rerank',
      {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      },
      of,
    );
  const rank = (of: Server, body: object, origin = PAGE) => ask('/v1/rerank', post(body, { origin }), of);
  const allowed = ({ headers }: { headers: Headers }) => headers.get('access-control-allow-origin');
  const body = { query: QUERY, documents: DOCUMENTS };

  it('may not ask by default', async () => {
    expect(await preflight(server)).toMatchObject({ status: 405 });
    expect(allowed(await rank(server, body))).toBeNull();
  });

  it('may ask when their origin was named, with a key, and read failures, too', async () => {
    const open = createServer(reranker, { origins: ['http://localhost:3000', PAGE], keys: ['k'] });
    const answer = await preflight(open);
    expect(answer.status).toBe(204);
    expect(allowed(answer)).toBe(PAGE);
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
    expect(answer.headers.get('access-control-allow-headers')).toContain('authorization');
    const refused = await rank(open, body);
    expect(refused.status).toBe(401);
    expect(allowed(refused)).toBe(PAGE);
    expect(refused.headers.get('vary')).toContain('Origin');
    expect(refused.headers.get('access-control-expose-headers')).toContain('Retry-After');
    expect(allowed(await rank(open, body, 'https://other.example'))).toBeNull();
    expect(allowed(await preflight(open, 'https://other.example'))).toBeNull();
  });

  it('may ask from anywhere with *', async () => {
    const open = createServer(reranker, { origins: ['*'] });
    expect(allowed(await preflight(open))).toBe('*');
    expect(allowed(await rank(open, body))).toBe('*');
    expect(allowed(await ask('/v1/models', { headers: { origin: PAGE } }, open))).toBe('*');
  });

  it.each([
    'https://app.example:8443',
    'http://[::1]:3000',
    'chrome-extension://abcdef',
    'tauri://localhost',
  ])('may ask when they come from "%s"', async (origin) => {
    expect(allowed(await rank(createServer(reranker, { origins: [origin] }), body, origin))).toBe(origin);
  });

  it.each([
    'https://app.example/',
    'https://App.example',
    'https://app.example:443',
    'app.example',
    'https://app.example/page',
    '',
  ])('can’t be named by "%s", which no browser sends', (origin) => {
    expect(() => createServer(reranker, { origins: [origin] })).toThrow(
      failure('invalid-input', /is not an origin/),
    );
  });
});

describe('behind a proxy’s prefix', () => {
  it('page and OpenAPI document find the server by relative links', async () => {
    const { url } = await listening(reranker);
    const proxy = createProxy(async (request, response) => {
      const answer = await fetch(url + request.url!.replace(/^\/ranker/, ''));
      response.writeHead(answer.status).end(await answer.text());
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void proxy.close());
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    const base = `http://127.0.0.1:${port}/ranker/`;
    const page = await (await fetch(base)).text();
    expect(page).not.toMatch(/(href|src|action)="\//);
    const link = /href="([^"]*openapi\.json)"/.exec(page)![1]!;
    const document = await (await fetch(new URL(link, base))).json();
    const [{ url: of }] = document.servers;
    expect(new URL(of, new URL(link, base)).href).toBe(base);
  });
});
