/** The page in a browser without WebGPU: what a visitor sees, types and drops. */
import type { Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { addFiles, expectNothingWider, rank } from '../support/page-actions.js';
import { pageTest } from '../support/page-test.js';
import { loadEmbedded } from '../support/requests.js';
import { openSite, watchTurns } from '../support/site.js';

const site = await openSite({ webgpu: false });
afterAll(() => site?.close());

const test = pageTest(site);
test.afterEach(({ visit }) => expect(visit.errors).toEqual([]));

const texts = (page: Page, selector: string) => page.locator(selector).allTextContents();

test('it ranks its example like Node does, best first, and says on what', async ({ page }) => {
  await rank(page);
  await using reranker = await loadEmbedded();
  const documents = (await page.inputValue('#documents')).split('\n').filter((line) => line !== '');
  const expected = await reranker.rerank(await page.inputValue('#query'), documents);

  expect(await texts(page, '.ranked .text')).toEqual(expected.map(({ document }) => document));
  for (const [place, score] of (await texts(page, '.ranked .score')).entries()) {
    expect(Math.abs(Number(score.replace('−', '-')) - expected[place]!.relevanceScore)).toBeLessThan(0.001);
  }
  expect(await texts(page, '.ranked .number')).toEqual(expected.map(({ index }) => `#${index + 1}`));
  const widths = await page
    .locator('.bar:not(.negative)')
    .evaluateAll((bars) => bars.map((bar) => bar.clientWidth));
  expect(widths).toEqual([...widths].sort((a, b) => b - a));
  expect(await page.textContent('#facts')).toMatch(
    new RegExp(`^${expected.tokens} tokens in \\d+\\.\\d\\d s · WebAssembly, \\d+ threads?`),
  );
});

test('it is isolated from other pages, so that threads can share memory', async ({ page }) => {
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});

test('it talks to nobody but its server, not even if it wanted to', async ({ page, visit }) => {
  await rank(page);
  expect(visit.requests).toContain(`${site!.url}embedded-data.js`); // so workers are listened to as well
  expect(visit.requests.filter((url) => !url.startsWith(site!.url) && !url.startsWith('blob:'))).toEqual([]);
  const elsewhere = site!.url.replace('localhost', '127.0.0.1');
  const refused = page.evaluate(
    () =>
      new Promise((resolve) => {
        addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
      }),
  );
  await page.evaluate((url) => fetch(url, { mode: 'no-cors' }).catch(() => {}), elsewhere);
  expect(await refused).toBe('connect-src');
  visit.errors.length = 0; // where a browser writes of it, too
});

test('it stays responsive while it ranks, and what runs can be cancelled', async ({ page }) => {
  const document = 'A program that edits photos, and then some more words about it.';
  await addFiles(page, { name: 'many.txt', content: `${document}\n`.repeat(4000) });
  await page.click('#rank');
  await page.locator('#status', { hasText: 'Ranking' }).waitFor();
  const { longestGap, allOfTheWork } = await watchTurns(page);
  expect(longestGap).toBeLessThan(allOfTheWork / 20);
  await page.click('#cancel');
  await page.locator('#status', { hasText: 'Cancelled.' }).waitFor();
  await page.getByRole('button', { name: 'Remove many.txt' }).click();
  await page.fill('#documents', document);
  await rank(page);
  expect(await texts(page, '.ranked .text')).toEqual([document]);
});

test('without a query or documents it asks for them', async ({ page }) => {
  await page.fill('#query', '  ');
  await page.keyboard.press('Control+Enter');
  expect(await page.textContent('#error')).toBe('What are you looking for? Type a query first.');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('query');

  await page.fill('#query', 'tea');
  await page.fill('#documents', '\n \n');
  await page.keyboard.press('Control+Enter');
  expect(await page.textContent('#error')).toMatch(/^There is nothing to rank yet/);
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('documents');
});

test('markup in a document is shown as text', async ({ page }) => {
  const hostile = '<img src=x onerror="document.title = 1"><b>bold</b>';
  await page.fill('#documents', `${hostile}\nBrew tea.`);
  await rank(page);
  expect(await texts(page, '.ranked .text')).toContain(hostile);
  expect(await page.locator('#ranking img, #ranking b').count()).toBe(0);
  expect(await page.title()).toBe('listwise');
});

test('a long document is folded until one asks for all of it', async ({ page }) => {
  await page.fill('#documents', 'long '.repeat(1000));
  await rank(page);
  const height = () => page.locator('.text').evaluate((text) => text.clientHeight);
  const folded = await height();
  await page.getByRole('button', { name: 'Show all' }).click();
  expect(await height()).toBeGreaterThan(3 * folded);
});

test('on a phone nothing is wider than the screen', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.fill('#documents', `${'unbreakable'.repeat(30)}\nBrew tea.`);
  await rank(page);
  await expectNothingWider(page);
});

test('without WebGPU it runs on WebAssembly and says why; asked for WebGPU it goes on as before', async ({
  page,
  visit,
  skip,
}) => {
  skip(await visit.hasWebGpu(), 'this browser always has WebGPU');
  await page.locator('#notices', { hasText: /webgpu/i }).waitFor();

  await page.selectOption('#device', 'webgpu');
  await page.locator('#error', { hasText: /WebGPU/ }).waitFor();
  expect(await page.inputValue('#device')).toBe('automatic');
  await rank(page);
  expect(await page.textContent('#facts')).toContain('WebAssembly');
});
