/** Pages and service workers that may not do everything: what serves there, and what is said. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, launchProfile, NO_BROWSER } from '../support/browser.js';
import { DOCUMENTS, loadEmbedded, QUERY, ranksSmallRequest } from '../support/requests.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const REQUEST = `${JSON.stringify(QUERY)}, ${JSON.stringify(DOCUMENTS)}`;

/** Ranks with the device that is asked for, and tells the page how. */
const PAGE = `
import { Reranker } from 'listwise';
globalThis.rank = async ({ device, listens }) => {
  const notices = [];
  const onNotice = listens ? (notice) => notices.push(notice) : undefined;
  const reranker = await Reranker.load(undefined, { device, threads: 2, onNotice });
  const ranking = await reranker.rerank(${REQUEST});
  return { description: reranker.deviceDescription, notices, scores: ranking.map(({ relevanceScore }) => relevanceScore) };
};`;

/** Answers each message with what it ranks, or with what went wrong. */
const serviceWorker = (model: string) => `
import { Reranker } from 'listwise';
${model === 'embedded' ? "import { embedded } from 'listwise/embedded';" : ''}
self.addEventListener('message', ({ ports: [port] }) => {
  Reranker.load(${model})
    .then((reranker) => reranker.rerank(${REQUEST}))
    .then(
      (ranking) => port.postMessage({ scores: ranking.map(({ relevanceScore }) => relevanceScore) }),
      ({ code, hint }) => port.postMessage({ code, hint }),
    );
});`;

/** Sources by the name of what they are built to. */
const SOURCES = {
  page: PAGE,
  'service-worker': serviceWorker('embedded'),
  'lazy-service-worker': serviceWorker('undefined'),
};

async function build(folder: string): Promise<void> {
  for (const [name, contents] of Object.entries(SOURCES)) {
    await esbuild.build({
      stdin: { contents, resolveDir: join(ROOT, 'web') },
      bundle: true,
      format: 'esm',
      splitting: true,
      outdir: folder,
      entryNames: name,
      logLevel: 'error',
    });
  }
}

/** Serves pages whose address names their policy, isolated, and the files of a folder. */
async function serve(folder: string): Promise<Server> {
  const server = createServer(async ({ url }, response) => {
    const { pathname, searchParams } = new URL(url!, 'http://localhost');
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    if (pathname === '/') {
      response.setHeader('Content-Security-Policy', searchParams.get('policy') ?? '');
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end('<!doctype html><script type="module" src="/page.js"></script>');
      return;
    }
    const inPackage = pathname === '/wasm-worker.js' && join(ROOT, 'dist');
    const file = await readFile(join(inPackage || folder, pathname)).catch(() => undefined);
    response.setHeader('Content-Type', 'text/javascript; charset=utf-8');
    response.writeHead(file ? 200 : 404).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return server;
}

interface Outcome {
  readonly description: string;
  readonly notices: readonly string[];
  readonly scores: readonly number[];
}

declare const rank: (options: { device?: 'wasm'; listens: boolean }) => Promise<Outcome>;

const browser: Browser | undefined = await launchBrowser({ webgpu: false });

describe.skipIf(!browser)(`in Chromium ${browser ? '' : `(${NO_BROWSER})`}`, () => {
  let folder: string;
  let server: Server;
  let origin: string;
  let expected: readonly number[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'listwise-policies-'));
    await build(folder);
    server = await serve(folder);
    origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    await using reranker = await loadEmbedded();
    expected = (await ranksSmallRequest(reranker)).map(({ relevanceScore }) => relevanceScore);
  });
  afterAll(async () => {
    await browser?.close();
    server.close();
    await rm(folder, { recursive: true });
  });

  async function open(policy: string) {
    const page = await browser!.newPage();
    await page.goto(`${origin}/?policy=${encodeURIComponent(policy)}`);
    await page.waitForFunction(() => 'rank' in globalThis);
    return page;
  }

  function near(scores: readonly number[]): void {
    expect(scores).toHaveLength(expected.length);
    for (const [place, score] of scores.entries()) expect(score).toBeCloseTo(expected[place]!, 5);
  }

  test('without a policy two threads compute', async () => {
    const page = await open('');
    const { description, notices, scores } = await page.evaluate(() =>
      rank({ device: 'wasm', listens: true }),
    );
    expect(description).toMatch(/^WebAssembly, 2 threads/);
    expect(notices).toEqual([]);
    near(scores);
  });

  test('where blob: workers are forbidden the file of the package serves', async () => {
    const page = await open("worker-src 'self'");
    const { description, notices, scores } = await page.evaluate(() =>
      rank({ device: 'wasm', listens: true }),
    );
    expect(description).toMatch(/^WebAssembly, 2 threads/);
    expect(notices).toEqual([]);
    near(scores);
  });

  test('where no worker is allowed the calling thread computes, and the directive is named', async () => {
    const page = await open("worker-src 'none'");
    const { description, notices, scores } = await page.evaluate(() =>
      rank({ device: 'wasm', listens: true }),
    );
    expect(description).toMatch(/^WebAssembly, 1 thread,/);
    expect(notices).toEqual([expect.stringContaining('worker-src blob:')]);
    near(scores);
  });

  test('where no WebAssembly is allowed the reference serves, and the console names the directive, once', async () => {
    const page = await open("script-src 'self'");
    const warnings: string[] = [];
    page.on('console', (message) => message.text().startsWith('listwise') && warnings.push(message.text()));
    const { description, scores } = await page.evaluate(() => rank({ listens: false }));
    await page.evaluate(() => rank({ listens: false }));
    expect(description).toMatch(/^reference/);
    near(scores);
    expect(warnings).toEqual([expect.stringMatching(/reference.*script-src.*'wasm-unsafe-eval'/s)]);
  });

  /** Registers a service worker, asks it to rank, and returns its answer. What a private visitor may keep is too little. */
  async function ask(script: string) {
    const profile = await mkdtemp(join(tmpdir(), 'listwise-profile-'));
    const context = (await launchProfile(profile, { webgpu: false }))!;
    try {
      const page = await context.newPage();
      await page.goto(origin);
      return await page.evaluate(async (url) => {
        await navigator.serviceWorker.register(url, { type: 'module' });
        const { active } = await navigator.serviceWorker.ready;
        const { port1, port2 } = new MessageChannel();
        const answer = new Promise<{ scores?: number[]; code?: string; hint?: string }>((resolve) => {
          port1.onmessage = ({ data }) => resolve(data);
        });
        active!.postMessage(undefined, [port2]);
        return answer;
      }, script);
    } finally {
      await context.close();
      await rm(profile, { recursive: true });
    }
  }

  test('a module service worker ranks with the model of listwise/embedded', async () => {
    near((await ask('/service-worker.js')).scores!);
  });

  test('one that brings no model hears how', async () => {
    const { code, hint } = await ask('/lazy-service-worker.js');
    expect(code).toBe('checkpoint-not-found');
    expect(hint).toContain('listwise/embedded');
  });
});
