/** Builds the page as any application would build one on listwise: a bundler, and the package by its name. */
import { copyFile, cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const WEB = fileURLToPath(new URL('.', import.meta.url));
/** pdf.js reads in a worker of its own; fonts of China, Japan and Korea need its maps of characters. */
const PDFJS = fileURLToPath(new URL('..', import.meta.resolve('pdfjs-dist/legacy/build/pdf.mjs')));
const MODEL = fileURLToPath(new URL('../dist/embedded-data.js', import.meta.url));

/**
 * Writes the whole page to `folder`, replacing what was there. `npm run build` has to have made `dist/`.
 *
 * @param {string} folder
 */
export async function buildPage(folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await esbuild.build({
    entryPoints: ['page.ts', 'worker.ts', 'style.css'].map((file) => join(WEB, file)),
    outdir: folder,
    bundle: true,
    splitting: true,
    minify: true,
    sourcemap: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    // 16 MB that are a module already. It keeps its name, by which download.ts fetches it.
    external: ['*/embedded-data.js'],
    logLevel: 'error',
  });
  await copyFile(MODEL, join(folder, 'embedded-data.js'));
  await copyFile(join(PDFJS, 'build/pdf.worker.min.mjs'), join(folder, 'pdf-worker.js'));
  await cp(join(PDFJS, '../cmaps'), join(folder, 'cmaps'), { recursive: true });
  for (const file of ['index.html', 'icon.svg']) await copyFile(join(WEB, file), join(folder, file));
}
