/** The pages of the site: the project's Markdown files, and the sources and folders that they link to. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, join, posix } from 'node:path';
import { localLinks, ROOT } from './links.mjs';
import { headingsOf } from './markdown.mjs';

/** Where reading begins; everything that is linked to from there comes along. */
const STARTS = ['README.md', 'ARCHITECTURE.md', 'weights/README.md', 'golden/README.md', 'shaders/README.md'];

/**
 * @typedef {object} Page
 * @property {string} path of the file or folder that it shows, from the root of the repository
 * @property {string} file of the page, from the root of the site
 * @property {string} title
 * @property {string} text Markdown, with the repository's links
 */

/**
 * @returns {Promise<Map<string, Page>>} by the path of what they show
 */
export async function collectPages() {
  const guides = (await readdir(join(ROOT, 'docs'))).map((file) => `docs/${file}`);
  const pages = new Map();
  const waiting = [...STARTS, ...guides];
  for (const path of waiting) {
    if (pages.has(path)) continue;
    const page = await pageOf(path);
    pages.set(path, page);
    for (const { link, target } of await localLinks(path, page.text)) {
      if (target === undefined) throw new Error(`${path} links to ${link}, which is not there.`);
      waiting.push(target);
    }
  }
  return pages;
}

/**
 * Writes the pages as the sources of a site, linked to each other.
 *
 * @param {Map<string, Page>} pages
 * @param {string} folder
 */
export async function writePages(pages, folder) {
  const written = new Map();
  for (const page of pages.values()) written.set(page.file, await withSiteLinks(page, pages));
  written.set('index.md', home(written.get('overview.md')));
  for (const [file, text] of written) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
}

/** @returns {Promise<Page>} */
async function pageOf(path) {
  if ((await stat(join(ROOT, path))).isDirectory()) {
    return { path, file: `${path}/index.md`, title: path, text: await listing(path) };
  }
  const text = await readFile(join(ROOT, path), 'utf8');
  if (extname(path) !== '.md') return { path, file: `${path}.md`, title: path, text: code(path, text) };
  const title = headingsOf(text).find(({ level }) => level === 1)?.text ?? path;
  return { path, file: path === 'README.md' ? 'overview.md' : path.replace('README', 'index'), title, text };
}

async function listing(path) {
  const entries = await readdir(join(ROOT, path));
  const names = entries.filter((name) => !/^[._]/.test(name));
  return `# \`${path}\`\n\n${names.map((name) => `- [${name}](${posix.basename(path)}/${name})`).join('\n')}\n`;
}

function code(path, text) {
  const ending = extname(path).slice(1);
  const language = ending === 'svg' ? 'xml' : ending || posix.basename(path).toLowerCase();
  const front = '---\naside: false\nsearch: false\n---';
  return `${front}\n\n# \`${path}\`\n\n\`\`\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\`\`\n`;
}

async function withSiteLinks(page, pages) {
  let { text } = page;
  for (const { link, anchor, target } of await localLinks(page.path, page.text)) {
    const file = posix.relative(posix.dirname(page.file), pages.get(target).file);
    text = text.replaceAll(`](${link})`, `](${file}${anchor === undefined ? '' : `#${anchor}`})`);
  }
  return text;
}

/** The README's first screens: what it is, how to try it, how a program has it. */
function home(readme) {
  const [head, ...sections] = readme.split(/^(?=## )/m);
  const [summary, how] = /\n\n(.+?\.) (.+)/.exec(head).slice(1);
  const hero = {
    name: 'listwise',
    text: summary,
    tagline: how,
    image: { src: '/page/icon.svg', alt: '' },
    actions: [
      { text: 'Try it here', link: '/demo.html' },
      { text: 'Read on', link: '/overview.html', theme: 'alt' },
      { text: 'API', link: '/docs/api.html', theme: 'alt' },
    ],
  };
  const front = JSON.stringify({ layout: 'home', search: false, hero });
  return `---\n${front}\n---\n\n${sections.slice(0, 2).join('')}`;
}
