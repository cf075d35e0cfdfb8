/** Serves a project's built page, isolated so that it may have threads, and hears what it finds. */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { OpenBrowser } from './browsers.js';
import type { Outcome } from './host.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** Pages put a promise into `outcome`; this sends what becomes of it. */
const REPORT = `<script type="module">
  while (!globalThis.outcome) await new Promise((resolve) => setTimeout(resolve, 50));
  const body = await outcome.then(JSON.stringify, (error) => JSON.stringify({ error: String(error) }));
  await fetch('/outcome', { method: 'POST', body });
</script>`;

/** Seconds until a page has to have answered. */
const PATIENCE = 70;

/** Throws what the page could not do. `policy` is its Content Security Policy. */
export async function openPage(folder: string, browser: OpenBrowser, policy = ''): Promise<Outcome> {
  try {
    return await openOnce(folder, browser, policy);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    console.log(`  ${browser.name}: ${error.message} Once more.`); // a browser that is started new may not come up
    return openOnce(folder, browser, policy);
  }
}

class NoAnswer extends Error {}

async function openOnce(folder: string, browser: OpenBrowser, policy: string): Promise<Outcome> {
  let answered: (body: string) => void = () => {};
  const answer = new Promise<string>((resolve) => {
    answered = resolve;
  });
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      answered(await text(request));
      response.end();
      return;
    }
    const { type, body } = await fileFor(folder, request);
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    response.setHeader('Content-Security-Policy', policy);
    response.setHeader('Content-Type', type);
    response.writeHead(body ? 200 : 404).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const close = await browser.show(`http://localhost:${(server.address() as AddressInfo).port}/`);
  try {
    const outcome = JSON.parse(await Promise.race([answer, tooLong()])) as Outcome | { error: string };
    if ('error' in outcome) throw new Error(outcome.error);
    return outcome;
  } finally {
    await close();
    server.closeAllConnections();
    server.close();
  }
}

async function fileFor(folder: string, { url = '/' }: IncomingMessage) {
  const { pathname } = new URL(url, 'http://localhost');
  const name = pathname === '/' ? '/index.html' : pathname;
  const type = TYPES[extname(name)] ?? 'application/octet-stream';
  const file = await readFile(join(folder, name)).catch(() => undefined);
  return { type, body: name === '/index.html' && file ? `${file}${REPORT}` : file };
}

function tooLong(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(
      () => reject(new NoAnswer(`The page gave no answer in ${PATIENCE} s.`)),
      1000 * PATIENCE,
    ).unref();
  });
}
