/** Clients that mean no good, or can't help it: the right answer each time, and a server that is as it was. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Reranker } from '../../src/reranker/reranker.js';
import { createServer, type RequestEntry } from '../../src/server/index.js';
import type { Listening } from '../../src/server/listen.js';
import { reproducible } from '../support/hostile-text.js';
import { watchProgress } from '../support/progress.js';
import { APIS, listening, post, tinyReranker } from '../support/server.js';
import { until } from '../support/until.js';

let reranker: Reranker;
beforeAll(async () => {
  reranker = await tinyReranker();
});
afterAll(() => reranker.dispose());

const BODY = JSON.stringify({ query: 'edit photos', documents: ['a chess engine', 'an image editor'] });
/** Takes seconds. */
const LONG = JSON.stringify({ query: 'x', documents: Array(500).fill('many words to read '.repeat(50)) });
const HEAD = 'POST /v1/rerank HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';

async function open(server: Listening): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {}); // a server that is fed up may reset
  await once(socket, 'connect');
  return socket;
}

/** All that the server says until it hangs up. */
async function heard(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  if (!socket.closed) await once(socket, 'end').catch(() => {});
  return text;
}

async function isWell(server: Listening): Promise<void> {
  const response = await fetch(`${server.url}/v1/rerank`, post(BODY));
  expect(response.status).toBe(200);
  expect((await response.json()).results.length).toBe(2);
}

describe('a client', () => {
  it('that drips its body is cut off', async () => {
    const server = await listening(reranker, { receiveSeconds: 1 });
    const socket = await open(server);
    socket.write(`${HEAD}content-length: 1000\r\n\r\n`);
    let drips = 0;
    const drip = setInterval(() => {
      drips++;
      socket.write(' ');
    }, 50);
    onTestFinished(() => clearInterval(drip));
    expect(await heard(socket)).toMatch(/^HTTP\/1.1 408 /);
    expect(drips).toBeLessThan(100); // some 40, by a timer beside the server’s own: both wait on a busy machine
    await isWell(server);
  });

  it('that drips its headers is cut off', async () => {
    const server = await listening(reranker, { receiveSeconds: 1 });
    const socket = await open(server);
    socket.write(HEAD);
    expect(await heard(socket)).toMatch(/^HTTP\/1.1 408 /);
    await isWell(server);
  });

  it('that closes its half of the connection counts as gone', async () => {
    // A client that is gone looks the same, and nobody is to compute for those.
    const entries: RequestEntry[] = [];
    const server = await listening(reranker, { onRequest: (entry) => entries.push(entry) });
    const socket = await open(server);
    socket.end(`${HEAD}content-length: ${LONG.length}\r\n\r\n${LONG}`);
    expect(await heard(socket)).toBe('');
    await until(() => entries.length === 1);
    expect(entries).toEqual([expect.objectContaining({ status: 499, failure: 'gone' })]);
    await isWell(server);
  });

  it('that closes it in the middle of its request leaves nothing behind', async () => {
    const entries: RequestEntry[] = [];
    const server = await listening(reranker, { onRequest: (entry) => entries.push(entry) });
    const socket = await open(server);
    socket.end(`${HEAD}content-length: ${BODY.length}\r\n\r\n${BODY.slice(0, 20)}`);
    await heard(socket);
    await isWell(server);
    expect(entries.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('that goes away while its request is ranked frees its place', async () => {
    const entries: RequestEntry[] = [];
    const server = await listening(reranker, { onRequest: (entry) => entries.push(entry) });
    const queued = async () =>
      (await (await fetch(`${server.url}/metrics`)).text()).match(/^\w+_queue_requests (\d+)$/m)?.[1];
    const socket = await open(server);
    let whileRanked: ReturnType<typeof queued> | undefined;
    const reports = watchProgress(reranker, () => {
      whileRanked ??= queued().finally(() => socket.destroy());
    });
    socket.write(`${HEAD}content-length: ${LONG.length}\r\n\r\n${LONG}`);
    await until(() => entries.length === 1);
    expect(await whileRanked).toBe('1');
    expect(await queued()).toBe('0');
    expect(entries).toEqual([expect.objectContaining({ status: 499, failure: 'gone' })]);
    const { done, total } = reports.at(-1)!;
    expect(done).toBeLessThan(total / 2);
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1.1 400 /],
    ['two lengths', `${HEAD}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd`, /^HTTP\/1.1 400 /],
    [
      'a length and chunks',
      `${HEAD}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      /^HTTP\/1.1 400 /,
    ],
    ['headers without end', `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(1e4)}`, /^HTTP\/1.1 431 /],
  ])('that sends %s is refused', async (_what, sent, status) => {
    const server = await listening(reranker);
    const socket = await open(server);
    socket.write(sent);
    expect(await heard(socket)).toMatch(status);
    await isWell(server);
  });

  it('that sends 50 MB, with its length or in chunks, is refused', async () => {
    const server = await listening(reranker);
    const chunk = new Uint8Array(2 ** 20).fill(32);
    const chunks = () => {
      let left = 50;
      return new ReadableStream({
        pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
      });
    };
    for (const body of [new Uint8Array(5e7).fill(32), chunks()]) {
      const answer = await fetch(`${server.url}/v1/rerank`, {
        ...post(''),
        body,
        duplex: 'half',
      } as RequestInit).then(
        ({ status }) => status,
        () => 413, // the server had hung up before the client had said it all
      );
      expect(answer).toBe(413);
      await isWell(server);
    }
  });
});

it('1,000 connections at once are answered, those that are too many with 429', async () => {
  const server = await listening(reranker, { maxQueue: 64 });
  const ask = async () => {
    const response = await fetch(`${server.url}/v1/rerank`, post(BODY));
    const answer = await response.json();
    if (response.status === 200) expect(answer.results.length).toBe(2);
    if (response.status === 429) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    return response.status;
  };
  const statuses = await Promise.all(Array.from({ length: 1000 }, ask));
  const count = (status: number) => statuses.filter((each) => each === status).length;
  expect(count(200)).toBeGreaterThanOrEqual(64);
  expect(count(200) + count(429)).toBe(1000);
  await isWell(server);
});

describe('10,000 requests that a fuzzer makes', () => {
  /** Values of every kind, now and then one that is right. */
  const anything = fc.anything({ maxDepth: 2, maxKeys: 3, withUnicodeString: true } as object);
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constant('edit photos'));
  const texts = fc.array(fc.oneof({ weight: 8, arbitrary: text }, anything), { maxLength: 4 });
  const field = (right: fc.Arbitrary<unknown>) => fc.oneof({ weight: 4, arbitrary: right }, anything);
  const body = fc.record(
    {
      model: field(fc.constantFrom('tiny', 'another')),
      query: field(text),
      documents: field(texts),
      texts: field(texts),
      top_n: field(fc.integer({ min: -1, max: 5 })),
      return_documents: field(fc.boolean()),
      return_embeddings: field(fc.boolean()),
      max_tokens_per_doc: field(fc.integer({ min: -1, max: 5 })),
      raw_scores: field(fc.boolean()),
      truncate: field(fc.boolean()),
      diversity: field(fc.double({ min: 0, max: 1 })),
      instruction: field(text),
      rank_fields: field(fc.array(fc.constantFrom('text', 'toString', '__proto__'), { maxLength: 2 })),
      truncation_direction: field(fc.constantFrom('Left', 'Right')),
      truncation_side: field(fc.constantFrom('left', 'right')),
      min_score: field(fc.double({ min: -1, max: 1 })),
    },
    { requiredKeys: ['query', 'documents', 'texts'] },
  );
  const sent = fc.oneof(
    { weight: 8, arbitrary: body.map((value) => JSON.stringify(value, jsonSafe)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: body.map((value) => JSON.stringify(value, jsonSafe).slice(0, -1)) },
  );
  const headers = fc.record(
    { 'content-type': fc.constantFrom('application/json; charset=utf-8', 'text/plain', 'application/json') },
    { requiredKeys: [] },
  );

  it('get an answer that is no failure of the server’s', async () => {
    const server = createServer(reranker);
    const counts = new Map<number, number>();
    const paths = fc.constantFrom(...Object.values(APIS).map(({ path }) => path));
    await fc.assert(
      fc.asyncProperty(paths, sent, headers, async (path, text, more) => {
        const response = await server.fetch(new Request(`http://localhost${path}`, post(text, more)));
        counts.set(response.status, (counts.get(response.status) ?? 0) + 1);
        expect(response.status).toBeLessThan(500);
        const answer = await response.json();
        if (response.status === 200) expect(answer.results ?? answer).toBeInstanceOf(Array);
      }),
      { ...reproducible, numRuns: 10_000 },
    );
    // Each kind of answer was seen often enough to mean something.
    for (const status of [200, 400, 415, 422])
      expect(counts.get(status) ?? 0, `${status}`).toBeGreaterThan(100);
  });
});

/** What JSON can't say is left out. */
function jsonSafe(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
