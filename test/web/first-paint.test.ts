/** How much has to come before anything is seen: less than a photograph. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPage } from '../../web/build.mjs';

const MOST = 100_000; // bytes, gzipped

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'listwise-web-'));
  await buildPage(folder);
});
afterAll(() => rm(folder, { recursive: true }));

/** The file and all that it asks for at once: links and scripts of HTML, static imports of modules. */
async function neededAtFirst(file: string, seen = new Map<string, number>()): Promise<Map<string, number>> {
  if (seen.has(file)) return seen;
  const bytes = await readFile(join(folder, file));
  seen.set(file, gzipSync(bytes).length);
  const asks = file.endsWith('.html')
    ? /(?:src|href)="([^"]+)"/g
    : file.endsWith('.js')
      ? /(?:^|[;}])(?:import|export)(?:[^"'()]*from)?"\.\/([^"]+)"/g
      : undefined;
  for (const [, name] of asks ? bytes.toString().matchAll(asks) : []) await neededAtFirst(name!, seen);
  return seen;
}

test('the first paint takes less than 100 KB', async () => {
  const files = await neededAtFirst('index.html');
  expect([...files.keys()]).toEqual(
    expect.arrayContaining(['index.html', 'page.js', 'style.css', 'icon.svg']),
  );
  expect([...files.values()].reduce((sum, size) => sum + size)).toBeLessThan(MOST);
});

test('model, runtime and readers of files are none of it', async () => {
  const script = await readFile(join(folder, 'page.js'), 'utf8');
  for (const later of ['getDocument', 'papaparse', 'rmsNorm'])
    expect(script).not.toContain(`function ${later}`);
  const files = [...(await neededAtFirst('index.html')).keys()].join();
  expect(files).not.toMatch(/pdf|papaparse|worker|embedded/);
});
