/** What everybody needs of the page: axe-core finds nothing in any state, keys reach everything, nothing jumps. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { IN_FIREFOX, NO_BROWSER, NOT_IN_FIREFOX } from '../support/browser.js';
import { addFiles, chooseFiles, expectNothingWider, rank } from '../support/page-actions.js';
import { openSite } from '../support/site.js';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const site = await openSite({ webgpu: false });
afterAll(() => site?.close());
beforeEach(({ skip }) => skip(!site, NO_BROWSER));

declare const axe: { run: () => Promise<AxeResults> };

/** Rules that are broken, and where. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = (await page.evaluate(() => axe.run())).violations;
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };

test.each<[string, BrowserContextOptions]>([
  ['light', { colorScheme: 'light', viewport: WIDE }],
  ['dark, in German', { colorScheme: 'dark', viewport: WIDE, locale: 'de-AT' }],
  ['dark, on a phone', { colorScheme: 'dark', viewport: PHONE }],
  ['in forced colours, on a small phone', { forcedColors: 'active', viewport: { width: 320, height: 600 } }],
])('axe-core finds nothing: %s', async (_, visitor) => {
  const { page, errors } = await site!.open(visitor);
  const states: Record<string, () => Promise<unknown>> = {
    'first visit': async () => {},
    'a model is chosen': async () => {
      await page.click('#models summary');
      await page.check('input[value="jina"]');
      await page.locator('#model-action').waitFor();
    },
    'a model of the visitor': () => page.check('input[value="own"]'),
    'documents in': async () => {
      await page.click('#models summary');
      await addFiles(page, {
        name: 'a.txt',
        content: 'Edit photos.\nEdit photos!\nעריכת תמונות\n写真を編集する',
      });
      await page.click('#overview summary');
      await page.locator('#overview-list > li').first().waitFor();
    },
    error: async () => {
      await chooseFiles(page, { name: 'photo.jpg', content: Uint8Array.of(0xff, 0xd8) });
      await page.locator('#error', { hasText: 'photo.jpg' }).waitFor();
    },
    'a column is asked for': async () => {
      await chooseFiles(page, { name: 'a.csv', content: 'id,text\n1,Edit photos.' });
      await page.locator('#columns[open]').waitFor();
    },
    results: async () => {
      await page.keyboard.press('Enter');
      await page.locator('#status', { hasText: 'a.csv' }).waitFor();
      await rank(page);
      await page.check('#fold');
    },
    ranking: async () => {
      await addFiles(page, { name: 'many.txt', content: 'Some document.\n'.repeat(20_000) });
      await page.click('#rank');
      await page.locator('#pace', { hasText: '/s' }).waitFor();
      await page.click('#overview summary');
    },
    cancelled: () => page.click('#cancel'),
  };
  for (const [state, reach] of Object.entries(states)) {
    await reach();
    expect(await violations(page), state).toEqual([]);
    await expectNothingWider(page, state);
  }
  expect(errors).toEqual([]);
  await page.context().close();
});

test('axe-core finds nothing inside', async () => {
  const { page } = await site!.open();
  await rank(page);
  await page.click('#tab-inside');
  await page.locator('.inside-figure').first().waitFor();
  await page.locator('#progress').waitFor({ state: 'hidden' });
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});

test('the whole way goes by keys: a query, a ranking, a copy, an earlier query', async () => {
  const { page } = await site!.open({ permissions: ['clipboard-read', 'clipboard-write'] });
  const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.ariaLabel);
  const tabTo = async (wanted: string) => {
    for (let presses = 0; presses < 40 && (await focused()) !== wanted; presses++)
      await page.keyboard.press('Tab');
    expect(await focused()).toBe(wanted);
  };
  await tabTo('query');
  await page.keyboard.press('Enter');
  await page.locator('#status', { hasText: /^Ranked/ }).waitFor();
  await tabTo('fold');
  await page.keyboard.press('Space');
  await tabTo('Copy number 8');
  await page.keyboard.press('Enter');
  await page.locator('#status', { hasText: 'Copied.' }).waitFor();
  await page.locator('#history').press('ArrowDown');
  await page.context().close();
});

test('what is said while it works is said once for each phase', async () => {
  const { page } = await site!.open();
  await page.evaluate(() => {
    const said: string[] = [];
    const status = document.getElementById('status')!;
    new MutationObserver(() => said.push(status.textContent)).observe(status, {
      childList: true,
      subtree: true,
    });
    Object.assign(window, { said });
  });
  await page.fill('#documents', 'Some document about photos.\n'.repeat(500));
  await rank(page);
  expect(await page.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual([
    'Ranking …',
    'Ranked 500 documents.',
  ]);
  await page.context().close();
});

test.each([
  ['en-GB', WIDE],
  ['de-DE', WIDE],
  ['de-DE', PHONE],
])('nothing jumps, from the first paint to the ranking: %s %j', async (locale, viewport) => {
  const { page } = await site!.open({ locale, viewport });
  await rank(page);
  await page.fill('#query', 'play chess');
  await rank(page);
  const shift = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          const shifts = list.getEntries() as (PerformanceEntry & {
            value: number;
            hadRecentInput: boolean;
          })[];
          resolve(shifts.reduce((sum, { value }) => sum + value, 0));
        }).observe({ type: 'layout-shift', buffered: true });
        setTimeout(() => resolve(0), 500);
      }),
  );
  expect(shift).toBeLessThan(0.01);
  await page.context().close();
});

test('texts run in their own direction, and scripts that share characters have their language', async () => {
  const { page } = await site!.open();
  await page.fill('#documents', 'Edit photos.\nעריכת תמונות\n写真を編集する\n编辑照片的程序');
  await rank(page);
  const shown = await page
    .locator('.ranked .text')
    .evaluateAll((texts) =>
      texts.map((text) => [text.textContent, getComputedStyle(text).direction, (text as HTMLElement).lang]),
    );
  expect(shown.sort()).toEqual([
    ['Edit photos.', 'ltr', ''],
    ['עריכת תמונות', 'rtl', 'he'],
    ['写真を編集する', 'ltr', 'ja'],
    ['编辑照片的程序', 'ltr', 'zh'],
  ]);
  await page.context().close();
});

test('whoever wants less motion gets none', async ({ skip }) => {
  skip(IN_FIREFOX, NOT_IN_FIREFOX.emulation);
  const { page } = await site!.open({ reducedMotion: 'reduce' });
  await page.click('#rank');
  await page.locator('.bar').first().waitFor();
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  await page.context().close();
});

test('it speaks German to who reads German', async () => {
  const { page } = await site!.open({ locale: 'de-CH' });
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
  expect(await page.textContent('#count')).toBe('8 Dokumente');
  await rank(page);
  expect(await page.textContent('#status')).toBe('8 Dokumente geordnet.');
  await page.context().close();
});
