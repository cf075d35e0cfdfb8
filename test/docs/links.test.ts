/** The Markdown files as readers of the repository follow them. The site's own links are `npm run docs:check`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { brokenLinks, markdownFiles, ROOT } from '../../site/links.mjs';
import { anchorOf, anchorsOf, linksOf } from '../../site/markdown.mjs';
import { collectPages } from '../../site/pages.mjs';

test.each(await markdownFiles())('every link of %s leads somewhere', async (path) => {
  expect(await brokenLinks(path, await readFile(join(ROOT, path), 'utf8'))).toEqual([]);
});

test('what the site begins with is in the repository, and all that it links to', async () => {
  const pages = await collectPages();
  expect([...pages.keys()]).toEqual(expect.arrayContaining(['README.md', 'docs/api.md', 'examples/api.ts']));
  const files = [...pages.values()].map(({ file }) => file);
  expect(new Set(files).size).toBe(files.length);
});

describe('a link is broken', () => {
  const broken = (text: string) => brokenLinks('docs/api.md', text);

  test('when there is no such file, heading or folder', async () => {
    const text = '[a](none.md), [b](server.md#none), [c](../none/), [d](#none), ![e](none.svg)';
    expect(await broken(text)).toEqual(['none.md', 'server.md#none', '../none/', '#none', 'none.svg']);
  });

  test('but not within code, to other hosts, and to what is there', async () => {
    const text =
      '`[a](none.md)` [b](https://example.com) [c](server.md#failures) [d](../examples/) [e](api.md)';
    expect(await broken(text)).toEqual([]);
    expect(await broken('```md\n[a](none.md)\n```')).toEqual([]);
  });
});

test.each([
  ['Browsers, workers, bundlers', 'browsers-workers-bundlers'],
  ['What an install weighs', 'what-an-install-weighs'],
  ['f16 & q8: a_b', 'f16--q8-a_b'],
  ['Über 日本語', 'über-日本語'],
])('the heading %s has the anchor that code hosts give it', (heading, anchor) => {
  expect(anchorOf(heading)).toBe(anchor);
});

test('headings that read the same are numbered, and markup does not count', () => {
  expect([...anchorsOf('# One\n\n## `One`\n\n## *One*\n')]).toEqual(['one', 'one-1', 'one-2']);
});

test('links are those of the text, not those of its code', () => {
  expect(linksOf('[a](b.md) `[c](d.md)`\n\n| |\n|---|\n| [e](f.md) |\n')).toEqual(['b.md', 'f.md']);
});
