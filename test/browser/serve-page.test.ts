/** The page on which the server is tried. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reranker } from '../../src/reranker/reranker.js';
import { createServer } from '../../src/server/index.js';
import { type Listening, listen } from '../../src/server/listen.js';
import { launchBrowser, NO_BROWSER } from '../support/browser.js';
import { loadEmbedded } from '../support/requests.js';

const browser: Browser | undefined = await launchBrowser({ webgpu: false });
let reranker: Reranker;
let server: Listening;
beforeAll(async () => {
  reranker = await loadEmbedded();
  server = await listen(createServer(reranker, { keys: ['right'] }), { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close();
  await reranker.dispose();
  await browser?.close();
});

async function openPage(): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser!.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
  await page.goto(server.url);
  return { page, complaints };
}

beforeEach(({ skip }) => skip(!browser, NO_BROWSER));

describe('the page of the server', () => {
  it.each(['jina', 'cohere', 'tei'])('ranks through the API %s, and shows how it asked', async (api) => {
    const { page, complaints } = await openPage();
    await page.selectOption('[name=api]', api);
    await page.fill('[name=key]', 'right');
    await page.click('button');
    await page.waitForSelector('li');
    expect(await page.locator('li').count()).toBe(4);
    expect(await page.locator('li').first().innerText()).toMatch(/Retouch photographs|Bildbearbeitung/);
    expect(await page.locator('pre').textContent()).toMatch(/^curl http.*KEY.*\n\n200\n/s);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows a failure, and forgets it when the next request succeeds', async () => {
    const { page } = await openPage();
    await page.fill('[name=key]', 'wrong');
    await page.click('button');
    await page.waitForSelector('details[open]');
    expect(await page.locator('[role=alert]').innerText()).toContain('401');
    expect(await page.locator('li').count()).toBe(0);
    await page.fill('[name=key]', 'right');
    await page.click('button');
    await page.waitForSelector('li');
    expect(await page.locator('[role=alert]').innerText()).toBe('');
    await page.close();
  });

  it('shows text of documents as text', async () => {
    const { page, complaints } = await openPage();
    await page.fill('[name=documents]', '<img src=x onerror="document.title = 1">\n<b>bold</b>');
    await page.fill('[name=key]', 'right');
    await page.click('button');
    await page.waitForSelector('li');
    expect(await page.locator('li img, li b').count()).toBe(0);
    expect(await page.locator('ol').innerText()).toContain('<b>bold</b>');
    expect(complaints).toEqual([]);
    await page.close();
  });
});
