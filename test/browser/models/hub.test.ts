/** Models of the hub in the page: brought, paused, kept, removed, and what may go wrong with that. */
import type { Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { Reranker } from '../../../src/reranker/reranker.js';
import { IN_FIREFOX, NOT_IN_FIREFOX } from '../../support/browser.js';
import { MODEL, tinyFiles } from '../../support/hub-models.js';
import { type Asked, openHub, repositoryOf } from '../../support/hub-server.js';
import {
  bertFiles,
  chooseJina,
  inUse,
  JINA,
  jinaFiles,
  lookUp,
  openPanel,
  says,
  startDownload,
} from '../../support/models-page.js';
import { rank } from '../../support/page-actions.js';
import { pageTest } from '../../support/page-test.js';
import { openSite } from '../../support/site.js';
import { pointwiseParts, type TinyParts, tinyCheckpoint } from '../../support/tiny-checkpoint.js';

const BERT = 'owner/bert';
const QWEN = 'Qwen/Qwen3-Reranker-0.6B';

const hub = await openHub({
  [JINA]: repositoryOf(await jinaFiles()),
  [MODEL]: repositoryOf(await tinyFiles()),
  [BERT]: repositoryOf(await bertFiles()),
  [QWEN]: repositoryOf(await tinyFiles(pointwiseParts()), { licence: 'apache-2.0' }),
});
/** A page may read it where the server exposes it. */
const BUSY = { 'Retry-After': '4000', 'Access-Control-Expose-Headers': 'Retry-After' };

const mirror = [hub.url, hub.storageUrl];
const site = await openSite({ webgpu: false }, mirror);
afterAll(async () => {
  await site?.close();
  hub.close();
});

const test = pageTest(site);
test.beforeEach(() => {
  hub.asked.length = 0;
  hub.fault = () => undefined;
});

/** Holds back the second part of the large file; what is returned lets it go. */
function holdSecondPart(): () => void {
  let release = () => {};
  const heldUntil = new Promise<void>((resolve) => {
    release = resolve;
  });
  hub.fault = ({ range }) => (range?.[0] === 16 * 2 ** 20 ? { heldUntil } : undefined);
  return release;
}

const partsAsked = () => hub.asked.filter(({ host }: Asked) => host === 'storage').length;

async function ready(page: Page): Promise<void> {
  await page.locator('#rank:enabled').waitFor();
}

async function rankedScores(page: Page): Promise<string[]> {
  await page.fill('#query', 'edit photos');
  await page.fill('#documents', 'Retouch photographs.\nBrew tea.\nPlay chess.');
  await rank(page);
  return page.locator('.ranked .score').allTextContents();
}

async function expectedScores(parts?: TinyParts): Promise<number[]> {
  await using reranker = await Reranker.load(await tinyCheckpoint(parts), { device: 'wasm', threads: 1 });
  const ranking = await reranker.rerank('edit photos', ['Retouch photographs.', 'Brew tea.', 'Play chess.']);
  return ranking.map(({ relevanceScore }) => relevanceScore);
}

async function expectTiny(scores: readonly string[], parts?: TinyParts): Promise<void> {
  const numbers = scores.map((score) => Number(score.replace('−', '-')));
  for (const [i, score] of (await expectedScores(parts)).entries()) expect(numbers[i]).toBeCloseTo(score, 2);
}

test('before anything is fetched it says what the model takes, and wants its licence agreed to once', async ({
  page,
}) => {
  await openPanel(page);
  await page.check('input[value="jina"]');
  await page.locator('#model-action').waitFor();
  expect(await page.locator('#model-dtypes label').allTextContents()).toEqual([
    expect.stringMatching(/^f32\s*1\.76 GB/),
    expect.stringMatching(/^f16\s*881 MB/),
    expect.stringMatching(/^bf16\s*881 MB/),
    expect.stringMatching(/^q8\s*496 MB/),
    expect.stringMatching(/^q4\s*299 MB/),
  ]);
  expect(await page.textContent('#model-licence')).toContain('CC BY-NC 4.0: not for commercial use');
  expect(await page.isDisabled('#model-action')).toBe(true);
  await page.check('#model-licence input');
  expect(await page.isDisabled('#model-action')).toBe(false);
  expect(hub.asked).toEqual([]);
  await page.reload();
  await ready(page);
  await openPanel(page);
  await page.locator('#model-action').waitFor();
  expect(await page.isChecked('input[value="jina"]')).toBe(true);
  expect(await page.isChecked('#model-licence input')).toBe(true);
});

test('a download is paused, survives a reload, goes on with what is missing, and then ranks', async ({
  page,
}) => {
  const release = holdSecondPart();
  await chooseJina(page);
  await page.check('input[value="f32"]');
  await startDownload(page);
  await page.locator('#model-pace', { hasText: /^(2[4-9]|3\d) MB of/ }).waitFor();
  await rankedScores(page); // the embedded model goes on ranking meanwhile
  await page.click('#model-pause');
  await says(page, /Paused/);
  await page.reload();
  await ready(page);
  await openPanel(page);
  await says(page, /(2[4-9]|3\d) MB of 4\d MB are here/);
  expect(await page.textContent('#model-in-use')).toBe('embedded');

  release();
  hub.asked.length = 0;
  await page.check('input[value="f32"]');
  await startDownload(page);
  await inUse(page, /^jina-reranker-v3, f32$/);
  expect(partsAsked()).toBe(1);
  await expectTiny(await rankedScores(page));
});

test('Qwen3-Reranker asks for no agreement, and answers with probabilities', async ({ page }) => {
  await openPanel(page);
  await page.check('input[value="qwen"]');
  await page.locator('#model-action').waitFor();
  expect(await page.isHidden('#model-licence')).toBe(true);
  expect(await page.textContent('#model-about')).toBe(`${QWEN} · apache-2.0`);
  await page.check('input[value="f32"]');
  await startDownload(page);
  await inUse(page, /^Qwen3-Reranker-0.6B, f32$/);
  await expectTiny(await rankedScores(page), pointwiseParts());
});

test('a reload in the middle loses what was under way, and no more', async ({ page }) => {
  const release = holdSecondPart();
  await chooseJina(page);
  await startDownload(page);
  await page.locator('#model-pace', { hasText: /^(2[4-9]|3\d) MB of/ }).waitFor();
  await page.reload();
  await ready(page);
  release();
  hub.asked.length = 0;
  await openPanel(page);
  await says(page, /MB are here/);
  await startDownload(page);
  await inUse(page, /^jina-reranker-v3/);
  expect(partsAsked()).toBeLessThan(3); // of three: the second may have been under way still
});

test('without network page and model are there as before', async () => {
  const own = (await openSite({ webgpu: false }, mirror))!;
  const { page } = await own.open();
  await lookUp(page, MODEL);
  await page.check('#model-licence input');
  await startDownload(page);
  await inUse(page, /^tiny/);
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  own.stop();
  hub.asked.length = 0;
  await page.reload();
  await inUse(page, /^tiny/);
  await rank(page);
  expect(hub.asked).toEqual([]);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await own.close();
});

test('what is kept is listed, and removed when asked; the embedded model ranks again', async ({ page }) => {
  await lookUp(page, MODEL);
  await page.check('#model-licence input');
  await startDownload(page);
  await inUse(page, /^tiny/);
  await openPanel(page);
  await page.locator('#model-storage li', { hasText: MODEL }).waitFor();
  expect(await page.textContent('#model-storage p')).toMatch(
    /^This page fills .* of the .* that the browser/,
  );
  await page.click('#model-storage li button');
  await says(page, /owner\/tiny was removed/);
  await inUse(page, /^embedded$/);
  expect(await page.isHidden('#model-storage')).toBe(true);
  await rankedScores(page);
});

test('a part with wrong bytes is fetched again', async ({ page }) => {
  let wrong = true;
  hub.fault = ({ host }) => {
    if (host !== 'storage' || !wrong) return undefined;
    wrong = false;
    return { corrupt: true };
  };
  await lookUp(page, MODEL);
  await page.check('#model-licence input');
  await startDownload(page);
  await inUse(page, /^tiny/);
});

test.for([
  [
    'wrong bytes, twice',
    ({ host }: Asked) => (host === 'storage' ? { corrupt: true as const } : undefined),
    /wrong content, twice/,
  ],
  [
    'a hub that wants hours of patience',
    ({ host }: Asked) => (host === 'storage' ? { status: 429, headers: BUSY } : undefined),
    /answered 429.*Try again: what has come in is kept/,
  ],
] as const)('%s end in a sentence and a working page', async ([, fault, sentence], { page }) => {
  await lookUp(page, MODEL);
  await page.check('#model-licence input');
  hub.fault = fault;
  await startDownload(page);
  await says(page, sentence);
  await page.locator('#model-action', { hasText: /ownload/ }).waitFor();
  await rankedScores(page);
});

test('where the browser gives no more room it says so, and goes on when there is some', async ({
  page,
  skip,
}) => {
  skip(IN_FIREFOX, NOT_IN_FIREFOX.quota);
  const devtools = await page.context().newCDPSession(page);
  const origin = new URL(site!.url).origin;
  await chooseJina(page);
  const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  // Less room than one part needs: of several that are written at once a browser may count each without the others.
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: used + 8e6 });
  await startDownload(page);
  await says(page, /no more room for this page\. What came in is kept/);
  await rankedScores(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin });
  await startDownload(page);
  await inUse(page, /^jina-reranker-v3/);
});

test('two tabs share one download: the second waits and says so', async ({ page }) => {
  const release = holdSecondPart();
  await chooseJina(page);
  await startDownload(page);
  await page.locator('#model-pace', { hasText: /^(2[4-9]|3\d) MB of/ }).waitFor();
  const asked = partsAsked();
  const second = (await site!.open(page.context())).page;
  await openPanel(second);
  await startDownload(second);
  await second.locator('#model-download-title', { hasText: /Another tab downloads/ }).waitFor();
  release();
  await inUse(page, /^jina-reranker-v3/);
  await inUse(second, /^jina-reranker-v3/);
  expect(partsAsked()).toBe(asked);
});

test('a model of another architecture is turned away before anything large is fetched', async ({ page }) => {
  await lookUp(page, BERT);
  await says(page, /model_type is "bert".*listwise runs jina-reranker-v3/);
  expect(partsAsked()).toBe(0);
  await rankedScores(page);
});

test.for([
  ['tiny', /"tiny" is no name on the hub/],
  ['owner/missing', /The hub has nothing there/],
] as const)('%s, which is no model, gets a sentence', async ([name, sentence], { page }) => {
  await lookUp(page, name);
  await says(page, sentence);
  await rankedScores(page);
});
