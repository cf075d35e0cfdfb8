/** Bodies that are compressed, or not what they say. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reranker } from '../../src/reranker/reranker.js';
import { createServer, type Server } from '../../src/server/index.js';
import { DOCUMENTS, QUERY } from '../support/requests.js';
import { APIS, answerOf, listening, post, tinyReranker } from '../support/server.js';

const MAX = 2 ** 20;

let reranker: Reranker;
let server: Server;
beforeAll(async () => {
  reranker = await tinyReranker();
  server = createServer(reranker, { maxBodyBytes: MAX });
});
afterAll(() => reranker.dispose());

const JSON_TYPE = 'application/json';
const send = (path: string, body: BodyInit, headers: Record<string, string>) =>
  answerOf(server, path, { method: 'POST', body, headers: { 'content-type': JSON_TYPE, ...headers } });

describe.each(Object.entries(APIS))('%s', (_name, { path, ask: bodyOf }) => {
  const text = JSON.stringify(bodyOf(QUERY, DOCUMENTS));
  const gzip = { 'content-encoding': 'gzip' };
  const malformed = path === '/v1/rerank' ? 422 : 400;

  it.each(['gzip', 'GZip', 'x-gzip', 'identity', ''])('takes the encoding "%s"', async (encoding) => {
    const body = /gzip/i.test(encoding) ? gzipSync(text) : text;
    expect(await send(path, body, { 'content-encoding': encoding })).toMatchObject({ status: 200 });
  });

  it.each([
    ['br', brotliCompressSync(text)],
    ['deflate', deflateSync(text)],
    ['gzip, gzip', gzipSync(gzipSync(text))],
    ['zstd', text],
  ])('refuses the encoding %s', async (encoding, body) => {
    const { status, headers } = await send(path, body, { 'content-encoding': encoding });
    expect(status).toBe(415);
    expect(headers.get('accept-encoding')).toBe('gzip');
  });

  it('refuses a body that is not gzipped, or not to its end', async () => {
    for (const body of [text, gzipSync(text).subarray(0, -9), '']) {
      expect(await send(path, body, gzip)).toMatchObject({ status: malformed });
    }
  });

  it('refuses what inflates to more than a body may have', async () => {
    const padded = (size: number) => gzipSync(text + ' '.repeat(size - text.length));
    expect(await send(path, padded(MAX), gzip)).toMatchObject({ status: 200 });
    expect(await send(path, padded(MAX + 1), gzip)).toMatchObject({ status: 413 });
    expect(await send(path, gzipSync(new Uint8Array(1e8)), gzip)).toMatchObject({ status: 413 });
  });

  it.each([
    ['Latin-1', Buffer.from(JSON.stringify(bodyOf('Müller', ['Straße'])), 'latin1')],
    ['half a character', Buffer.from(JSON.stringify(bodyOf('a', ['é']))).filter((byte) => byte !== 0xa9)],
    ['UTF-16', Buffer.from(text, 'utf16le')],
  ])('refuses a body in %s', async (_what, body) => {
    expect(await send(path, body, {})).toMatchObject({ status: malformed });
  });

  it.each([
    ['; charset=utf-8', 200],
    ['; charset="UTF-8"', 200],
    ['; Charset=utf8', 200],
    ['; profile=x; charset=iso-8859-1', 415],
    ['; charset=utf-16', 415],
    ['; charset=', 415],
  ])('takes UTF-8 alone: application/json%s is answered with %i', async (parameters, status) => {
    expect(await send(path, text, { 'content-type': JSON_TYPE + parameters })).toMatchObject({ status });
  });
});

it('a byte order mark counts for nothing', async () => {
  const body = `\uFEFF${JSON.stringify({ query: QUERY, documents: DOCUMENTS })}`;
  expect(await send('/v1/rerank', body, {})).toMatchObject({ status: 200 });
});

it('a gzipped body comes over the network, too', async () => {
  const { url } = await listening(reranker);
  const body = gzipSync(JSON.stringify({ query: QUERY, documents: DOCUMENTS }));
  const answer = await fetch(`${url}/v1/rerank`, {
    ...post('', { 'content-encoding': 'gzip' }),
    body,
  });
  expect(answer.status).toBe(200);
});
