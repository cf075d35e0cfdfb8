/** Links between files of the repository. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anchorsOf, linksOf } from './markdown.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Of the links that no file below here can answer. */
const EXTERNAL = /^[a-z]+:/i;

/** Folders that hold nothing written for this project. */
const FOREIGN = /^(\..*|_.*|node_modules|build|dist)$/;

/**
 * The Markdown files of the repository.
 *
 * @param {string} [folder]
 * @returns {Promise<string[]>} paths from the root
 */
export async function markdownFiles(folder = '') {
  const entries = await readdir(join(ROOT, folder), { withFileTypes: true });
  const found = entries.map((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return FOREIGN.test(entry.name) ? [] : markdownFiles(path);
    return path.endsWith('.md') ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

/**
 * The links of a Markdown text to files and folders of the repository.
 *
 * @param {string} path of the text
 * @param {string} text
 * @returns {Promise<{ link: string, anchor: string | undefined, target: string | undefined }[]>} `target` is the path
 * of the file or folder, for a folder that has a README the README's; undefined where there is none
 */
export async function localLinks(path, text) {
  const links = linksOf(text).filter((link) => !EXTERNAL.test(link));
  return Promise.all(
    links.map(async (link) => {
      const [file, anchor] = link.split('#');
      const linked = file === '' ? path : posix.join(posix.dirname(path), file, '.');
      return { link, anchor, target: await existing(linked) };
    }),
  );
}

/**
 * What of a Markdown text's links leads nowhere: the file is missing, or the heading in it.
 *
 * @param {string} path of the text
 * @param {string} text
 * @returns {Promise<string[]>} the links
 */
export async function brokenLinks(path, text) {
  const broken = [];
  for (const { link, anchor, target } of await localLinks(path, text)) {
    const found = target !== undefined && (anchor === undefined || (await hasAnchor(target, anchor)));
    if (!found) broken.push(link);
  }
  return broken;
}

async function hasAnchor(path, anchor) {
  return path.endsWith('.md') && anchorsOf(await readFile(join(ROOT, path), 'utf8')).has(anchor);
}

async function existing(path) {
  const found = await stat(join(ROOT, path)).catch(() => undefined);
  if (!found?.isDirectory()) return found && path;
  const readme = posix.join(path, 'README.md');
  return (await stat(join(ROOT, readme)).catch(() => undefined)) ? readme : path;
}
