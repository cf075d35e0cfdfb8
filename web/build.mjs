/** Builds the page as any application would build one on listwise: a bundler, and the package by its name. */
import { createHash } from 'node:crypto';
import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { contentPolicy, policyText } from './policy.mjs';

const WEB = fileURLToPath(new URL('.', import.meta.url));
/** pdf.js reads in a worker of its own; fonts of China, Japan and Korea need its maps of characters. */
const PDFJS = fileURLToPath(new URL('..', import.meta.resolve('pdfjs-dist/legacy/build/pdf.mjs')));
const MODEL = fileURLToPath(new URL('../dist/embedded-data.js', import.meta.url));

const COPIED = ['icon.svg', 'icon-192.png', 'icon-512.png', 'manifest.webmanifest'];

const COMMON = {
  bundle: true,
  minify: true,
  sourcemap: true,
  platform: 'browser',
  target: 'es2022',
  logLevel: 'error',
};

/**
 * Writes the whole page to `folder`, replacing what was there; any web host can serve it. `npm run build` has to have
 * made `dist/`.
 *
 * @param {string} folder
 * @param {readonly string[]} mirror instead of the hub: its address, then the hosts to which it redirects
 */
export async function buildPage(folder, mirror = []) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await esbuild.build({
    ...COMMON,
    entryPoints: {
      page: join(WEB, 'page.ts'),
      worker: join(WEB, 'worker.ts'),
      'models-worker': join(WEB, 'models/worker.ts'),
      style: join(WEB, 'style.css'),
    },
    outdir: folder,
    splitting: true,
    format: 'esm',
    // 16 MB that are a module already. It keeps its name, by which download.ts fetches it.
    external: ['*/embedded-data.js'],
  });
  await copyFile(MODEL, join(folder, 'embedded-data.js'));
  await copyFile(join(PDFJS, 'build/pdf.worker.min.mjs'), join(folder, 'pdf-worker.js'));
  await cp(join(PDFJS, '../cmaps'), join(folder, 'cmaps'), { recursive: true });
  for (const file of COPIED) await copyFile(join(WEB, file), join(folder, file));
  const html = await readFile(join(WEB, 'index.html'), 'utf8');
  await writeFile(
    join(folder, 'index.html'),
    html
      .replace('{policy}', policyText(contentPolicy(mirror)))
      .replace('{hub}', mirror[0] ?? 'https://huggingface.co'),
  );
  await buildServiceWorker(folder);
}

/**
 * It knows the names of all files and a hash of them, so that a browser sees another one when any has changed. Maps of
 * characters are fetched when a PDF wants one, and not kept.
 *
 * @param {string} folder
 */
async function buildServiceWorker(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const files = names.filter((name) => !name.endsWith('.map')).sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(join(folder, file)));
  await esbuild.build({
    ...COMMON,
    entryPoints: [join(WEB, 'service-worker.ts')],
    outdir: folder,
    format: 'iife',
    define: {
      FILES: JSON.stringify(['./', ...files]),
      VERSION: JSON.stringify(hash.digest('hex').slice(0, 16)),
    },
  });
}
