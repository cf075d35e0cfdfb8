/** Models of the hub in a browser: kept in its storage, served from there, gone on with after a cut. */
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { Reranker } from '../../src/reranker/reranker.js';
import { NO_BROWSER } from '../support/browser.js';
import { startHub } from '../support/hub.js';
import { MODEL, PART, sha256, tinyFiles } from '../support/hub-models.js';
import { openHubPage } from '../support/hub-page.js';
import { type HubServer, repositoryOf } from '../support/hub-server.js';
import { ranksSmallRequest } from '../support/requests.js';
import { tinyCheckpoint } from '../support/tiny-checkpoint.js';

const site = await openHubPage();
afterAll(() => site?.close());

const LICENCE = 'owner/tiny is licensed under CC BY-NC 4.0: not for commercial use.';

let hub: HubServer;
let profile: BrowserContext;
beforeEach(async ({ skip }) => {
  if (!site) return skip(NO_BROWSER);
  hub = await startHub({ [MODEL]: repositoryOf(await tinyFiles()) });
  profile = await site.newProfile();
  return () => profile.close();
});

async function expectedScores(): Promise<number[]> {
  await using reranker = await Reranker.load(await tinyCheckpoint(), { device: 'reference' });
  return (await ranksSmallRequest(reranker)).map(({ relevanceScore }) => relevanceScore);
}

test('it ranks as Node does, and the next visit needs no network', async () => {
  const endpoint = hub.url;
  const scores = await expectedScores();
  expect(await site!.load(profile, { endpoint })).toEqual({ scores, notices: [LICENCE] });
  hub.asked.length = 0;
  expect(await site!.load(profile, { endpoint, offline: true })).toEqual({ scores, notices: [] });
  expect(hub.asked).toEqual([]);
  hub.close();
  expect(await site!.load(profile, { endpoint })).toEqual({
    scores,
    notices: [expect.stringMatching(/The cache serves/)],
  });
  const elsewhere = await site!.newProfile();
  expect(await site!.load(elsewhere, { endpoint, offline: true })).toMatchObject({
    error: 'checkpoint-not-found',
  });
  await elsewhere.close();
});

test('after a cut only what is missing is asked for, and wrong bytes are not kept', async () => {
  const endpoint = hub.url;
  const weights = (await tinyFiles())['model.safetensors']!;
  const asked = () => hub.asked.filter(({ path }) => path === `/${sha256(weights)}`);
  hub.fault = ({ path }) =>
    path === `/${sha256(weights)}` && asked().length > 4 ? { status: 503 } : undefined;
  expect(await site!.load(profile, { endpoint })).toMatchObject({ error: 'download-failed' });

  hub.asked.length = 0;
  hub.fault = () => undefined;
  expect(await site!.load(profile, { endpoint })).toEqual({ scores: await expectedScores(), notices: [] });
  expect(asked().length).toBeGreaterThan(0);
  expect(asked().length).toBeLessThan(Math.ceil(weights.length / PART));

  const another = await site!.newProfile();
  hub.fault = ({ path }) => (path === `/${sha256(weights)}` ? { corrupt: true } : undefined);
  expect(await site!.load(another, { endpoint })).toMatchObject({ error: 'checkpoint-corrupt' });
  expect(await site!.load(another, { endpoint, offline: true })).toMatchObject({
    error: 'checkpoint-not-found',
  });
  await another.close();
});

test('where files can not be written it uses the Cache API', async () => {
  const endpoint = hub.url;
  await profile.addInitScript('delete FileSystemFileHandle.prototype.createWritable');
  expect(await site!.load(profile, { endpoint })).toEqual({
    scores: await expectedScores(),
    notices: [LICENCE],
  });
  expect(await site!.load(profile, { endpoint, offline: true })).toEqual({
    scores: await expectedScores(),
    notices: [],
  });
});

test('where nothing can be kept it says so', async () => {
  await profile.addInitScript(`
    delete FileSystemFileHandle.prototype.createWritable;
    CacheStorage.prototype.open = () => Promise.reject(new Error('a private window'));
  `);
  expect(await site!.load(profile, { endpoint: hub.url })).toEqual({
    scores: await expectedScores(),
    notices: [expect.stringMatching(/^This browser keeps no files/), LICENCE],
  });
});
