import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { PAGES } from '../build.mjs';
import { anchorOf } from '../markdown.mjs';
import { collectPages } from '../pages.mjs';
import { sidebar } from '../sidebar.mjs';

export default defineConfig({
  lang: 'en',
  title: 'listwise',
  description: 'A listwise reranker that runs wherever JavaScript runs',
  srcDir: PAGES,
  cacheDir: fileURLToPath(new URL('../../build/site-cache', import.meta.url)),
  head: [['link', { rel: 'icon', href: '/page/icon.svg' }]],
  // The page is put beside when the site is there.
  ignoreDeadLinks: [/^\/page\//],
  markdown: { anchor: { slugify: anchorOf } },
  themeConfig: {
    logo: '/page/icon.svg',
    nav: [
      { text: 'Guide', link: '/overview.html', activeMatch: '^/(overview|docs|weights)' },
      { text: 'Reference', link: '/reference/', activeMatch: '^/reference/' },
      { text: 'Live demo', link: '/demo.html' },
    ],
    sidebar: await sidebar(await collectPages(), `${PAGES}/reference/navigation.json`),
    outline: [2, 3],
    search: { provider: 'local' },
  },
});
