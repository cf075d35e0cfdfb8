/** Builds the extension to build/extension: a bundler, and the package by its name. `npm run build` comes first. */
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const SOURCES = fileURLToPath(new URL('.', import.meta.url));
const FOLDER = fileURLToPath(new URL('../../build/extension', import.meta.url));

await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
await esbuild.build({
  entryPoints: ['service-worker.ts', 'popup.ts', 'popup.css'].map((file) => join(SOURCES, file)),
  outdir: FOLDER,
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'chrome123',
  logLevel: 'error',
});
for (const file of ['manifest.json', 'popup.html']) await copyFile(join(SOURCES, file), join(FOLDER, file));
console.log(`The extension is in ${FOLDER}`);
