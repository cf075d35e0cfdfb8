/** Builds the site: the Markdown of the repository, the reference, and the page of `web/` as its live demo. */
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { buildPage } from '../web/build.mjs';
import { ROOT } from './links.mjs';
import { collectPages, writePages } from './pages.mjs';
import { writeReference } from './reference.mjs';

const SITE = fileURLToPath(new URL('.', import.meta.url));

/** Where the site is built. */
export const SITE_FOLDER = join(ROOT, 'build/docs');

/** Its Markdown, which is made, too. */
export const PAGES = join(ROOT, 'build/site');

/**
 * Writes the whole site to `folder`, replacing what was there. `npm run build` has to have made `dist/`.
 *
 * @param {string} folder
 */
export async function buildSite(folder) {
  await rm(PAGES, { recursive: true, force: true });
  await writePages(await collectPages(), PAGES);
  await copyFile(join(SITE, 'demo.md'), join(PAGES, 'demo.md'));
  await writeReference(join(PAGES, 'reference'));
  await build(SITE, { outDir: folder });
  await buildPage(join(folder, 'page'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildSite(SITE_FOLDER);
