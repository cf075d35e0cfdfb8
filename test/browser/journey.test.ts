/** The page from any file server, from the first visit to one without network: a model of the hub ranks what is dropped. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { extname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { NO_BROWSER } from '../support/browser.js';
import { type Asked, openHub, repositoryOf } from '../support/hub-server.js';
import { chooseJina, inUse, JINA, jinaFiles, startDownload } from '../support/models-page.js';
import { type GivenFile, rank } from '../support/page-actions.js';
import { pdfOf } from '../support/pdf-writer.js';
import { openSite } from '../support/site.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** As web hosts do that can't be told anything: files with their types, and no other headers. */
async function servePlainly(folder: string, port: number): Promise<Server> {
  const server = createServer(async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const name = pathname === '/' ? '/index.html' : pathname;
    const file = await readFile(join(folder, name)).catch(() => undefined);
    response.writeHead(file ? 200 : 404, {
      'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
    });
    response.end(file);
  });
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  return server;
}

const hub = await openHub({ [JINA]: repositoryOf(await jinaFiles()) });
const site = await openSite({ webgpu: false }, [hub.url, hub.storageUrl], servePlainly);
afterAll(async () => {
  await site?.close();
  hub.close();
});
beforeEach(({ skip }) => skip(!site, NO_BROWSER));

const PDF = pdfOf([['Retouch photographs', 'and pictures.'], ['Tea is brewed with water.']]);
const CSV = 'id,name,about\n1,Board,"Play chess, and win."\n2,Lens,Edit photos with filters.\n';

async function drop(page: Page, { name, content }: GivenFile): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([name, bytes]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], name));
      return transfer;
    },
    [name, [...Buffer.from(content)]] as const,
  );
  await page.dispatchEvent('main', 'drop', { dataTransfer });
}

/** Drops a PDF and a table, chooses its column, ranks, and reads the ranking. */
async function rankDropped(page: Page): Promise<string[]> {
  await page.fill('#query', 'edit photos');
  await drop(page, { name: 'report.pdf', content: PDF });
  await page.locator('#status', { hasText: 'report.pdf' }).waitFor();
  await drop(page, { name: 'products.csv', content: CSV });
  await page.getByRole('radio', { name: /^about/ }).check();
  await page.keyboard.press('Enter');
  await page.locator('#status', { hasText: 'products.csv' }).waitFor();
  await rank(page);
  return page.locator('.ranked').evaluateAll((rows) =>
    rows.map((row) => {
      const textOf = (selector: string) => row.querySelector(selector)!.textContent;
      return `${textOf('.score')} ${textOf('.source')}: ${textOf('.text')}`;
    }),
  );
}

test('a model comes from the hub, over a reload, ranks a dropped PDF and table, and does so without network', async () => {
  const parts = () => hub.asked.filter(({ host, range }: Asked) => host === 'storage' && range).length;
  let release = () => {};
  const heldUntil = new Promise<void>((resolve) => {
    release = resolve;
  });
  hub.fault = ({ range }) => (range?.[0] === 16 * 2 ** 20 ? { heldUntil } : undefined);
  const { page } = await site!.open();
  await chooseJina(page);
  await startDownload(page);
  await page.locator('#model-pace', { hasText: /^(2[4-9]|3\d) MB of/ }).waitFor();
  await page.reload();
  hub.fault = () => undefined;
  release();
  hub.asked.length = 0;
  await page.locator('#rank:enabled').waitFor();
  await page.locator('#models summary').click();
  await startDownload(page);
  await inUse(page, /^jina-reranker-v3/);
  expect(parts()).toBeLessThan(3); // of three large ones and the tokenizer’s: what had come in is not asked for again

  const ranking = await rankDropped(page);
  expect(ranking.map((row) => row.replace(/^\S+ /, '')).sort()).toEqual([
    'products.csv, row 2: Play chess, and win.',
    'products.csv, row 3: Edit photos with filters.',
    'report.pdf, page 1: Retouch photographs and pictures.',
    'report.pdf, page 2: Tea is brewed with water.',
  ]);

  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  site!.stop();
  hub.close();
  await page.reload();
  await inUse(page, /^jina-reranker-v3/);
  expect(await rankDropped(page)).toEqual(ranking);
  await page.context().close();
});
