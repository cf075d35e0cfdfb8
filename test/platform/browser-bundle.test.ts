/** The package as a browser's bundler sees it: one self-contained module, and the same scores as in Node. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOCUMENTS, loadEmbedded, QUERY, ranksSmallRequest } from '../support/requests.js';

const DIST = fileURLToPath(new URL('../../dist/browser.js', import.meta.url));

/** What an application would write. */
const APPLICATION = `
import { Reranker } from ${JSON.stringify(DIST)};
const reranker = await Reranker.load();
const ranking = await reranker.rerank(${JSON.stringify(QUERY)}, ${JSON.stringify(DOCUMENTS)});
console.log(JSON.stringify({ device: reranker.device, ranking }));
await reranker.dispose();
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'listwise-bundle-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Bundles for browsers: a `node:` import or a file without a loader would fail. */
function bundle(external: string[] = []) {
  return esbuild.build({
    stdin: { contents: APPLICATION, resolveDir: fileURLToPath(new URL('../..', import.meta.url)) },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    external,
    metafile: true,
  });
}

test('it bundles for browsers without plugins, and nothing of Node is in it', async () => {
  const { metafile, warnings } = await bundle();
  expect(warnings).toEqual([]);
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
  expect(imports.filter((path) => path.startsWith('node:'))).toEqual([]);
});

test('without the embedded model it is at most 150 KB, compressed', async () => {
  await bundle(['*/embedded-data.js']);
  expect(gzipSync(await readFile(join(folder, 'stdin.mjs'))).length).toBeLessThan(150_000);
});

test('nothing but the embedded model is imported later: a service worker may not', async () => {
  const { metafile } = await bundle(['*/embedded-data.js']);
  const imports = Object.values(metafile.outputs).flatMap(({ imports }) => imports);
  const later = imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => path);
  expect(later).toEqual([expect.stringMatching(/embedded-data\.js$/)]);
});

test('where the embedded model can’t be imported the error tells of the way that is left', async () => {
  await bundle(['*/embedded-data.js']);
  const stderr = await promisify(execFile)(process.execPath, [join(folder, 'stdin.mjs')]).catch(
    (error: { stderr: string }) => error.stderr,
  );
  expect(stderr).toContain("code: 'checkpoint-not-found'");
  expect(stderr).toContain("import { embedded } from 'listwise/embedded'");
});

test('it ranks where there are no workers, with the scores that Node gives', async () => {
  await bundle();
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'stdin.mjs')]);
  const { device, ranking } = JSON.parse(stdout);
  expect(device).toBe('wasm');

  await using reranker = await loadEmbedded();
  const expected = await ranksSmallRequest(reranker);
  expect(ranking.map(({ index }: { index: number }) => index)).toEqual(expected.map(({ index }) => index));
  for (const [place, { relevanceScore }] of expected.entries()) {
    // One engine has relaxed SIMD switched on, the other may not: the last bits differ.
    expect(Math.abs(ranking[place].relevanceScore - relevanceScore)).toBeLessThan(1e-5);
  }
});

test('in Node the GPU’s package is left where it is installed by whoever bundles: it looks for its binary beside itself', async () => {
  const { outputFiles } = await esbuild.build({
    stdin: {
      contents: `import { Reranker } from 'listwise'; Reranker.load();`,
      resolveDir: fileURLToPath(new URL('../../web', import.meta.url)),
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['*/embedded-data.js', 'webgpu'],
    write: false,
  });
  const [, comments] = /import\(\s*((?:\/\*[^*]*\*\/\s*)*)"webgpu"/.exec(outputFiles[0]!.text) ?? [];
  expect(comments).toContain('webpackIgnore: true');
  expect(comments).toContain('turbopackIgnore: true');
});
