/** The server of the page, as any client sees it. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serve } from '../../web/server.mjs';

const COMMAND = 'web/serve.mjs';

let folder: string;
let server: Server;
let port: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'listwise-server-'));
  await mkdir(join(folder, 'web', 'docs'), { recursive: true });
  await writeFile(join(folder, 'web', 'index.html'), 'the page');
  await writeFile(join(folder, 'web', 'page.js'), 'script');
  await writeFile(join(folder, 'web', 'docs', 'index.html'), 'a page in a folder');
  await writeFile(join(folder, 'secret.js'), 'secret');
  server = await serve(join(folder, 'web'), 0);
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** Paths go out as they are: `fetch` would tidy up `..`. */
function get(path: string, headers: Record<string, string> = {}) {
  return new Promise<{
    status: number;
    type: string | undefined;
    tag: string | undefined;
    isolation: unknown[];
  }>((resolve, reject) => {
    request({ host: 'localhost', port, path, headers, agent: false }, (response) => {
      response.resume();
      resolve({
        status: response.statusCode!,
        type: response.headers['content-type'],
        tag: response.headers.etag,
        isolation: [
          response.headers['cross-origin-opener-policy'],
          response.headers['cross-origin-embedder-policy'],
        ],
      });
    })
      .on('error', reject)
      .end();
  });
}

test('it serves the page with the right types, isolated', async () => {
  const isolation = ['same-origin', 'require-corp'];
  expect(await get('/')).toMatchObject({ status: 200, type: 'text/html; charset=utf-8', isolation });
  expect(await get('/page.js?x')).toMatchObject({
    status: 200,
    type: 'text/javascript; charset=utf-8',
    isolation,
  });
});

test('folders are served, by their index.html where no file is named', async () => {
  const page = { status: 200, type: 'text/html; charset=utf-8' };
  expect(await get('/docs/')).toMatchObject(page);
  expect(await get('/docs/index.html')).toMatchObject(page);
});

test('what a browser has already is not sent again', async () => {
  const { tag } = await get('/page.js');
  expect(await get('/page.js', { 'If-None-Match': tag! })).toMatchObject({ status: 304 });
});

test.each([
  '/../secret.js',
  '/docs/../../secret.js',
  '/..%2fsecret.js',
  '/%2e%2e/secret.js',
  '//secret.js',
  '/..\\secret.js',
  '/.',
  '/docs',
  '/none.js',
])('it serves nothing but its folder: %s is not found', async (path) => {
  expect(await get(path)).toMatchObject({ status: 404 });
});

test('a port that is taken is said in one line', async () => {
  const { code, stderr } = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [COMMAND, '--port', String(port)], (_error, _stdout, stderr) =>
      resolve({ code: child.exitCode, stderr }),
    );
  });
  expect(stderr).toBe(`listwise: port ${port} is taken; choose another one with --port.\n`);
  expect(code).toBe(1);
});
