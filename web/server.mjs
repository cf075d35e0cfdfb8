/** A small static server: one folder, read only, with the headers that let a page share memory between threads. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { policyText } from './policy.mjs';

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.bcmap': 'application/octet-stream',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

const HEADERS = {
  // The first two isolate the page, without which browsers have no shared memory.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'X-Content-Type-Options': 'nosniff',
  // Kept, but asked about each time: a rebuilt page is seen at once, an old model is not sent twice.
  'Cache-Control': 'no-cache',
};

/**
 * Serves `folder` on this machine only.
 *
 * @param {string} folder
 * @param {number} port 0 for any that is free
 * @param {Record<string, string>} [policy] the Content Security Policy, by directive, beside the one that stands in the page
 * @returns {Promise<import('node:http').Server>} listening; rejects when the port is taken
 */
export function serve(folder, port, policy) {
  const headers = policy ? { ...HEADERS, 'Content-Security-Policy': policyText(policy) } : HEADERS;
  const server = createServer((request, response) => {
    answer(folder, headers, request, response).catch(() => response.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', () => resolve(server));
  });
}

/**
 * @param {string} folder
 * @param {Record<string, string>} common
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(folder, common, request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405, common).end();
  const file = await find(folder, request.url ?? '/');
  if (!file) return response.writeHead(404, common).end('Not found');
  const headers = { ...common, 'Content-Type': file.type, 'Content-Length': file.size, ETag: file.tag };
  if (request.headers['if-none-match'] === file.tag) return response.writeHead(304, headers).end();
  response.writeHead(200, headers);
  if (request.method === 'HEAD') return response.end();
  await pipeline(createReadStream(file.path), response);
}

/**
 * Only plain names are looked up, so that no path leads out of the folder.
 *
 * @param {string} folder
 * @param {string} url
 */
async function find(folder, url) {
  const name = url
    .slice(1)
    .split('?')[0]
    .replace(/(^|\/)$/, '$1index.html');
  const type = TYPES[extname(name)];
  if (!name.split('/').every((part) => /^[\w@-][\w@.-]*$/.test(part)) || type === undefined) return undefined;
  const path = join(folder, name);
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, size, type, tag: `"${size}-${mtimeMs}"` };
  } catch {
    return undefined;
  }
}
