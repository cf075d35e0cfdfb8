/** What a visitor does with a ranking: less of it, copies, files, links, and those before. */

import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { IN_FIREFOX, NOT_IN_FIREFOX } from '../support/browser.js';
import { addFiles, rank } from '../support/page-actions.js';
import { pageTest } from '../support/page-test.js';
import { openSite } from '../support/site.js';

const site = await openSite({ webgpu: false });
afterAll(() => site?.close());

const test = pageTest(site);
test.afterEach(({ visit }) => expect(visit.errors).toEqual([]));

const shownTexts = (page: Page) => page.locator('.ranked > .text, .ranked > div > .text').allTextContents();

test('only the best, or those from a score on', async ({ page }) => {
  await rank(page);
  const all = await shownTexts(page);
  await page.fill('#best', '3');
  expect(await shownTexts(page)).toEqual(all.slice(0, 3));
  expect(await page.textContent('#shown')).toBe('3 of 8 documents');
  await page.fill('#best', '');
  await page.fill('#from', '0.1');
  expect(await shownTexts(page)).toEqual(all.slice(0, 2));
  await page.locator('#from').press('End');
  expect(await page.textContent('#shown')).toBe('No document has such a score. Lower it to see some.');
  await page.locator('#from').press('Home');
  expect(await shownTexts(page)).toEqual(all);
});

test('near-duplicates fold into the best of them, and unfold', async ({ page }) => {
  await page.fill(
    '#documents',
    'Edit photos and pictures with filters.\nBrew green tea.\nEdit photos and pictures, with filters!\nEdit photos and pictures with filters.',
  );
  await rank(page);
  expect(await page.locator('.ranked').count()).toBe(4);
  await page.check('#fold');
  expect(await page.locator('.ranked').count()).toBe(2);
  expect(await page.textContent('#shown')).toBe('2 of 4 documents');
  const alike = page.locator('.alike summary', { hasText: '2 more say nearly the same' });
  await alike.press('Enter');
  expect(await page.locator('.alike li').count()).toBe(2);
  await page.uncheck('#fold');
  expect(await page.locator('.ranked').count()).toBe(4);
});

test('each document is copied by its button', async ({ page, skip }) => {
  skip(IN_FIREFOX, NOT_IN_FIREFOX.clipboard);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await rank(page);
  await page.getByRole('button', { name: 'Copy number 2', exact: true }).click();
  await page.locator('#status', { hasText: 'Copied.' }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe((await shownTexts(page))[1]);
});

test('what is shown is saved as JSON, CSV and Markdown', async ({ page, skip }) => {
  skip(IN_FIREFOX, NOT_IN_FIREFOX.downloads);
  await addFiles(page, { name: 'a.txt', content: 'Edit photos.\nBrew tea.' });
  await rank(page);
  await page.fill('#best', '1');
  for (const [kind, ending, expected] of [
    ['JSON', 'json', /"text": "Edit photos\.",\n\s+"file": "a\.txt"/],
    ['CSV', 'csv', /^\uFEFFrank,index,score,source,text\r\n1,0,0\.\d+,"a\.txt, no\. 1",Edit photos\.\r\n$/],
    ['Markdown', 'md', /^# Fotos und Bilder bearbeiten\n\n1\. \*\*0\.\d{3}\*\* \(a\.txt, no\. 1\)/],
  ] as const) {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: kind, exact: true }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe(`ranking.${ending}`);
    expect(await readFile(await file.path(), 'utf8')).toMatch(expected);
  }
});

test('a link holds query and documents, and the server never hears of them', async ({ page, skip }) => {
  skip(IN_FIREFOX, NOT_IN_FIREFOX.clipboard);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.fill('#query', 'köstlicher Tee 🍵');
  await page.fill('#documents', 'Brew tea.\nשלום');
  await rank(page);
  await page.click('#link');
  await page.locator('#status', { hasText: /^The link is copied/ }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());

  const other = await site!.open({}, link.slice(site!.url.length));
  expect(await other.page.inputValue('#query')).toBe('köstlicher Tee 🍵');
  expect(await other.page.inputValue('#documents')).toBe('Brew tea.\n\nשלום');
  expect(other.requests.join()).not.toContain('list=');
  await other.page.context().close();
});

test('a damaged link is told, and the page works', async () => {
  const other = await site!.open({}, '#list=dxyz');
  expect(await other.page.textContent('#error')).toMatch(/^The link is damaged/);
  await rank(other.page);
  await other.page.context().close();
});

test('a list that is too long for a link says so', async ({ page }) => {
  await page.fill('#documents', Array.from({ length: 900 }, (_, i) => `${Math.sin(i)}`).join('\n'));
  await page.locator('#count', { hasText: '900 documents' }).waitFor();
  await rank(page);
  await page.click('#link');
  expect(await page.locator('#error', { hasText: 'too long for a link' }).count()).toBe(1);
});

test('earlier queries are there again with what came out', async ({ page }) => {
  await rank(page);
  const first = await shownTexts(page);
  await page.fill('#query', 'play chess');
  await rank(page);
  expect(await shownTexts(page)).not.toEqual(first);
  await page.selectOption('#history', 'Fotos und Bilder bearbeiten');
  expect(await page.inputValue('#query')).toBe('Fotos und Bilder bearbeiten');
  expect(await shownTexts(page)).toEqual(first);
});

test('the facts say how many tokens were not run', async ({ page }) => {
  await rank(page);
  expect(await page.textContent('#facts')).toMatch(/· \d+ tokens were there already and not run again/);
});
