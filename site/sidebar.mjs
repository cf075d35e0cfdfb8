/** The order in which the site is read. */
import { readFile } from 'node:fs/promises';

const GROUPS = {
  'Use it': [
    'docs/api.md',
    'docs/command-line.md',
    'docs/server.md',
    'docs/adapters.md',
    'docs/batch.md',
    'docs/hosts.md',
    'docs/inside.md',
  ],
  'What to expect': ['docs/accuracy.md', 'docs/speed.md', 'weights/README.md'],
  'How it is made': ['ARCHITECTURE.md', 'shaders/README.md', 'weights/train/README.md', 'golden/README.md'],
};

/**
 * The guide's sidebar, and that of the reference. Pages of `docs/` that no group names come last.
 *
 * @param {Map<string, import('./pages.mjs').Page>} pages
 * @param {string} navigation what TypeDoc wrote of the reference
 */
export async function sidebar(pages, navigation) {
  const named = Object.values(GROUPS).flat();
  const all = [...pages.keys()].sort();
  const others = all.filter((path) => path.startsWith('docs/') && !named.includes(path));
  const examples = all.filter((path) => /^examples\/([^/]+\.ts|.*\/README\.md)$/.test(path));
  const items = (paths) => paths.map((path) => item(pages.get(path)));
  const guide = [
    {
      text: 'Begin',
      items: [
        { text: 'Overview', link: '/overview.html' },
        { text: 'Live demo', link: '/demo.html' },
      ],
    },
    ...Object.entries(GROUPS).map(([text, paths]) => ({ text, items: items(paths) })),
    ...(others.length > 0 ? [{ text: 'More', items: items(others) }] : []),
    { text: 'Examples', collapsed: true, items: items(examples) },
  ];
  const modules = reference(JSON.parse(await readFile(navigation, 'utf8')));
  return { '/': guide, '/reference/': [{ text: 'Reference', link: '/reference/', items: modules }] };
}

/** The package's entries, each with its classes, functions and types. TypeDoc puts entries below the first one. */
function reference(modules) {
  return modules.flatMap(({ path, children }) => [
    {
      text: path.replace('/index.md', ''),
      link: link(`reference/${path}`),
      collapsed: true,
      items: children
        .flatMap((kind) => (kind.path ? [] : kind.children))
        .map(({ title, path }) => ({ text: title, link: link(`reference/${path}`) })),
    },
    ...reference(children.filter((child) => child.path)),
  ]);
}

function item({ title, file }) {
  return { text: title.replace(/^examples\//, ''), link: link(file) };
}

function link(file) {
  return `/${file.replace(/\.md$/, '.html').replace(/(^|\/)index\.html$/, '$1')}`;
}
