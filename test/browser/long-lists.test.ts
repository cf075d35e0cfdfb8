/** Long lists: only what is seen is in the page, and the page stays free. */
import { afterAll, expect } from 'vitest';
import { addFiles, rank } from '../support/page-actions.js';
import { pageTest } from '../support/page-test.js';
import { openSite } from '../support/site.js';

const site = await openSite({ webgpu: false });
afterAll(() => site?.close());

const test = pageTest(site);
test.afterEach(({ visit }) => expect(visit.errors).toEqual([]));

const FEW = 60; // rows; a window shows a dozen

const MANY = Array.from({ length: 5000 }, (_, i) => `Document ${i} is of photos.`).join('\n');

test('5,000 documents are ranked, and read from the first to the last', async ({ page }) => {
  await addFiles(page, { name: 'many.txt', content: MANY });
  expect(await page.textContent('#count')).toBe('5,000 documents');
  await page.click('#overview summary');
  await page.locator('#overview-list', { hasText: 'Document 0 is' }).waitFor();
  expect(await page.locator('#overview-list > li').count()).toBeLessThan(FEW);
  await page.focus('#overview-scroller');
  await page.keyboard.press('End');
  await page.locator('#overview-list', { hasText: 'Document 4999 is' }).waitFor();

  await rank(page);
  expect(await page.textContent('#shown')).toBe('5,000 documents');
  await page.evaluate(() => scrollTo({ top: document.body.scrollHeight / 2, behavior: 'instant' }));
  await expect.poll(() => page.locator('.ranked').first().getAttribute('aria-posinset')).toMatch(/^2\d\d\d$/);
  await page.evaluate(() => scrollTo({ top: document.body.scrollHeight, behavior: 'instant' }));
  await page.locator('.ranked[aria-posinset="5000"]').waitFor();
  expect(await page.locator('.ranked').count()).toBeLessThan(FEW);
  expect(await page.locator('.ranked').first().getAttribute('aria-setsize')).toBe('5000');
});

test('what has the focus stays in the page, however far one scrolls', async ({ page }) => {
  await page.fill('#documents', MANY.slice(0, 6000));
  await rank(page);
  const copy = page.getByRole('button', { name: 'Copy number 1', exact: true });
  await copy.focus();
  await page.evaluate(() => scrollTo({ top: document.body.scrollHeight, behavior: 'instant' }));
  await expect.poll(() => page.locator('.ranked').last().getAttribute('aria-posinset')).toMatch(/^2\d\d$/);
  expect(await copy.evaluate((button) => button === document.activeElement)).toBe(true);
});

test('while it works it tells its pace; cancelled, the page is free in the same moment', async ({ page }) => {
  await addFiles(page, { name: 'many.txt', content: MANY });
  await page.click('#rank');
  await page.locator('#pace', { hasText: /^[\d,]+ tokens\/s · \d+ (s|min) left$/ }).waitFor();
  const state = await page.evaluate(() => {
    document.getElementById('cancel')!.click();
    const rankButton = document.getElementById('rank') as HTMLButtonElement;
    return [document.getElementById('status')!.textContent, rankButton.disabled];
  });
  expect(state).toEqual(['Cancelled.', false]);
  await page.getByRole('button', { name: 'Remove many.txt' }).click();
  await page.fill('#documents', 'Brew tea.');
  await rank(page);
  expect(await page.locator('.ranked .text').allTextContents()).toEqual(['Brew tea.']);
});

test('a long list is not looked into, and the tab says why', async ({ page }) => {
  await page.fill('#documents', MANY.slice(0, 6000));
  await rank(page);
  await page.click('#tab-inside');
  expect(await page.textContent('#inside-hint')).toBe(
    'A list of at most 125 documents can be looked into. Rank fewer of them.',
  );
});

test('what is ranked so far is shown while the rest is read, and goes when that is cancelled', async ({
  page,
}) => {
  await page.fill('#documents', 'Brew tea.');
  await rank(page);
  await addFiles(page, { name: 'many.txt', content: MANY });
  await page.click('#rank');
  await page.locator('.ranked', { hasText: 'many.txt' }).first().waitFor();
  expect(await page.textContent('#status')).toBe('Ranking …');
  expect(await page.textContent('#facts')).toMatch(/^[\d,]+ of 5,001 documents so far$/);
  await page.click('#cancel');
  expect(await page.locator('.ranked .text').allTextContents()).toEqual(['Brew tea.']);
});
