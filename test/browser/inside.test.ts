/** The tab "Inside" of the page, and the report: what a visitor sees of a ranking's insides. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { reportHtml } from '../../src/inspect/report/html.js';
import { launchBrowser } from '../support/browser.js';
import { rank } from '../support/page-actions.js';
import { pageTest } from '../support/page-test.js';
import { loadEmbedded } from '../support/requests.js';
import { openSite, watchTurns } from '../support/site.js';

const site = await openSite({ webgpu: false });
afterAll(() => site?.close());

const test = pageTest(site);
test.afterEach(({ visit }) => expect(visit.errors).toEqual([]));

async function lookInside(page: Page): Promise<void> {
  await rank(page);
  await page.click('#tab-inside');
  await page.locator('.inside-figure').first().waitFor();
}

const titles = (of: Page) => of.locator('.inside-figure h3').allTextContents();

test('it shows what Node sees of the same list', async ({ page }) => {
  await lookInside(page);
  expect(await titles(page)).toEqual([
    'Ranking',
    'What counts in a document',
    'Score lens',
    'Who looked at whom',
    'What a document does to the others',
    'Where a document stands',
  ]);
  await using reranker = await loadEmbedded();
  const documents = (await page.inputValue('#documents')).split('\n').filter((line) => line !== '');
  const { blocks } = await reranker.inspect(await page.inputValue('#query'), documents, {
    blocks: { layers: [3], heads: [3] },
  });
  await page.getByLabel('Head', { exact: true }).fill('4'); // the mean comes first
  const shown = await page
    .locator('.inside-heat')
    .first()
    .locator('tbody tr')
    .first()
    .locator('td')
    .allTextContents();
  const { values, columns } = blocks!.attention[0]!;
  expect(shown).toHaveLength(columns);
  for (const [i, text] of shown.entries())
    expect(Math.abs(Number(text) - 100 * values[i]!)).toBeLessThan(0.6);
});

test('keys move between the tabs, sliders between layers, and cells say what they hold', async ({ page }) => {
  await lookInside(page);
  await page.focus('#tab-inside');
  await page.keyboard.press('ArrowLeft');
  expect(await page.getAttribute('#tab-ranking', 'aria-selected')).toBe('true');
  expect(await page.isVisible('#ranking')).toBe(true);
  await page.keyboard.press('ArrowRight');
  expect(await page.isVisible('#inside')).toBe(true);

  const slider = page.getByLabel('Layer', { exact: true });
  await slider.focus();
  await page.keyboard.press('ArrowLeft');
  expect(await slider.getAttribute('aria-valuetext')).toBe('Layer 2');
  const cell = page.locator('.inside-heat').first().locator('tbody tr').nth(1).locator('td').nth(1);
  expect(await cell.getAttribute('title')).toMatch(/^#2 looks at query: [\d.]+ %$/);
});

test('the page stays responsive while it looks, and the look can be cancelled', async ({ page }) => {
  const line = 'A program that edits photos, and then some more words about it, so that it takes a while.';
  await page.fill('#documents', `${line}\n`.repeat(60));
  await rank(page);
  await page.click('#tab-inside');
  await page.locator('#status', { hasText: /^Looking/ }).waitFor();
  const { longestGap, allOfTheWork } = await watchTurns(page);
  expect(longestGap).toBeLessThan(allOfTheWork / 20);
  await page.click('#cancel');
  await page.locator('#status', { hasText: 'Cancelled' }).waitFor();
  await page.fill('#documents', 'one\ntwo');
  await page.click('#rank'); // what is open is looked into at once
  await page.locator('#inside-hint', { hasText: '2 documents' }).waitFor();
});

test('a report is one file that asks for nothing, holds other people’s text as text, and draws', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'listwise-report-'));
  await using reranker = await loadEmbedded();
  const trace = await reranker.inspect(
    '</script><b>cats</b>',
    ['<img src=x onerror=alert(1)>', '</script>', 'cats'],
    {
      blocks: true,
      lens: true,
      mask: { by: 'word' },
    },
  );
  const file = join(folder, 'report.html');
  await writeFile(file, reportHtml(trace.toJSON()));
  const browser = (await launchBrowser({ webgpu: false }))!;
  const context = await browser.newContext();
  const report = await context.newPage();
  const heard: string[] = [];
  context.on('request', (request) => heard.push(request.url()));
  report.on('pageerror', (error) => heard.push(error.message));
  report.on('dialog', (dialog) => heard.push(dialog.message()));
  await report.goto(pathToFileURL(file).href);
  expect(await titles(report)).toEqual([
    'Ranking',
    'What counts in a document',
    'Score lens',
    'Who looked at whom',
  ]);
  expect(await report.textContent('h1')).toBe('</script><b>cats</b>');
  const texts = await report.locator('.inside-text').allTextContents();
  expect(texts.sort()).toEqual(['</script>', '<img src=x onerror=alert(1)>', 'cats']);
  expect(await report.locator('img').count()).toBe(0);
  expect(heard.filter((each) => each !== pathToFileURL(file).href)).toEqual([]);
  await browser.close();
  await rm(folder, { recursive: true });
});
