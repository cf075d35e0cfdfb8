/** `npm run docs:check`: builds the site and follows every link within it, to the anchor. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSite, SITE_FOLDER } from './build.mjs';

const ATTRIBUTES = /<[a-z][^>]*?\s(?:href|src)="([^"]*)"/g;
const IDS = /<[a-z][^>]*?\sid="([^"]*)"/g;

await buildSite(SITE_FOLDER);
const files = new Set(await readdir(SITE_FOLDER, { recursive: true }));
const pages = [...files].filter((file) => file.endsWith('.html'));
const anchors = new Map();
const links = [];
for (const page of pages) {
  const html = await readFile(join(SITE_FOLDER, page), 'utf8');
  anchors.set(page, new Set([...html.matchAll(IDS)].map(([, id]) => id)));
  for (const [, link] of html.matchAll(ATTRIBUTES)) {
    if (!/^[a-z]+:|^\/\//i.test(link)) links.push({ page, link });
  }
}

const broken = links.filter(({ page, link }) => !leadsSomewhere(page, link));
for (const { page, link } of broken) console.error(`${page} links to ${link}, which is not there.`);
console.log(`${pages.length} pages, ${links.length} links, ${broken.length} of them broken.`);
if (broken.length > 0) process.exitCode = 1;

function leadsSomewhere(page, link) {
  const { pathname, hash } = new URL(link, `http://site/${page}`);
  const target = decodeURI(pathname)
    .slice(1)
    .replace(/(^|\/)$/, '$1index.html');
  if (hash === '') return files.has(target);
  return anchors.get(target)?.has(decodeURIComponent(hash.slice(1))) ?? false;
}
