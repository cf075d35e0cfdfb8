/** A server on a free port, and what tests ask it. */
import { onTestFinished } from 'vitest';
import { Reranker } from '../../src/reranker/reranker.js';
import { createServer, type Server, type ServerOptions } from '../../src/server/index.js';
import { type Listening, listen } from '../../src/server/listen.js';
import { tinyCheckpoint } from './tiny-checkpoint.js';

/** Ranks at random, but quickly. */
export async function tinyReranker(): Promise<Reranker> {
  return Reranker.load(await tinyCheckpoint(), { device: 'wasm', threads: 1 });
}

/** Listens until the test is over. */
export async function listening(
  reranker: Reranker,
  options: ServerOptions & { readonly receiveSeconds?: number } = {},
): Promise<Listening> {
  const { receiveSeconds = 30, ...rest } = options;
  const server = await listen(createServer(reranker, rest), { host: '127.0.0.1', port: 0, receiveSeconds });
  onTestFinished(() => server.close(0));
  return server;
}

/** What a server answers, without a network. */
export async function answerOf(server: Server, path: string, init?: RequestInit) {
  const response = await server.fetch(new Request(`http://localhost${path}`, init));
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text !== '' ? JSON.parse(text) : undefined,
  };
}

/** The three APIs: their paths, and a body that each takes for a query and some documents. */
export const APIS = {
  jina: { path: '/v1/rerank', ask: (query: unknown, documents: unknown) => ({ query, documents }) },
  cohere: { path: '/v2/rerank', ask: (query: unknown, documents: unknown) => ({ query, documents }) },
  tei: { path: '/rerank', ask: (query: unknown, texts: unknown) => ({ query, texts }) },
} as const;

export function post(body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}
