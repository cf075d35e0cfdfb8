/** A model that reads each document by itself, wherever rerankers are asked: by its name on the hub, on every way there is. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Ranking } from '../../../src/reranker/ranking.js';
import { Reranker } from '../../../src/reranker/reranker.js';
import { createServer } from '../../../src/server/index.js';
import { listwise } from '../../support/command.js';
import { startHub } from '../../support/hub.js';
import { MODEL, tinyFiles } from '../../support/hub-models.js';
import { repositoryOf } from '../../support/hub-server.js';
import { DOCUMENTS, QUERY } from '../../support/requests.js';
import { answerOf } from '../../support/server.js';
import { pointwiseParts, temporaryFolder, tinyCheckpoint } from '../../support/tiny-checkpoint.js';

const load = async () =>
  Reranker.load(await tinyCheckpoint(pointwiseParts()), { device: 'wasm', threads: 1 });

let expected: Ranking;
beforeAll(async () => {
  await using reranker = await load();
  expected = await reranker.rerank(QUERY, DOCUMENTS);
});

/** As answers have it: a place among the documents, and a score. */
function check(results: readonly { index: number }[], scoreOf: (result: never) => number) {
  expect(results.map(({ index }) => index)).toEqual(expected.map(({ index }) => index));
  for (const [place, { relevanceScore }] of expected.entries()) {
    expect(scoreOf(results[place] as never)).toBeCloseTo(relevanceScore, 5);
  }
}

const relevance = ({ relevance_score }: { relevance_score: number }) => relevance_score;

test('the command line ranks with it by its name, and batches do', async () => {
  const hub = await startHub({ [MODEL]: repositoryOf(await tinyFiles(pointwiseParts())) });
  const env = { HF_ENDPOINT: hub.url, HF_HOME: await temporaryFolder() };
  const model = ['--model', MODEL, '--device', 'wasm'];
  const ranked = await listwise(['rerank', QUERY, ...DOCUMENTS, '--json', ...model], { env });
  expect(ranked.code).toBe(0);
  check(JSON.parse(ranked.stdout).results, relevance);

  const shown = await listwise(['prompt', QUERY, ...DOCUMENTS, ...model.slice(0, 2), '--offline'], { env });
  expect(shown.stdout).toMatch(/<Document>|‹Document>|document/i);

  const folder = await temporaryFolder();
  const [lists, out] = [join(folder, 'lists.jsonl'), join(folder, 'answers.jsonl')];
  await writeFile(lists, `${JSON.stringify({ query: QUERY, documents: DOCUMENTS })}\n`);
  const batch = await listwise(['batch', lists, '--out', out, ...model], { env });
  expect(batch).toMatchObject({ code: 0 });
  check(JSON.parse(await readFile(out, 'utf8')).results, relevance);
});

test('the server answers with probabilities in each API, whatever scale is asked for', async () => {
  await using reranker = await load();
  const server = createServer(reranker, { unitScores: true });
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await answerOf(server, path, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const asked = { query: QUERY, documents: DOCUMENTS };
  check((await post('/v1/rerank', asked)).results, relevance);
  check((await post('/v2/rerank', { ...asked, model: 'any' })).results, relevance);
  for (const raw_scores of [true, false]) {
    const results = await post('/rerank', { query: QUERY, texts: DOCUMENTS, raw_scores });
    check(results, ({ score }: { score: number }) => score);
  }
  const refused = await answerOf(server, '/v1/rerank', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...asked, return_embeddings: true }),
  });
  expect(refused.status).toBe(422);
  expect(refused.text).toContain('makes no embeddings');
});
