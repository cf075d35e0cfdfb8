/**
 * Packages that the bundles hold inside, so that nobody has to install them for what is small in them. The others, which
 * package.json names as dependencies, stay imports: an application has one copy of each.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const { dependencies, peerDependencies } = JSON.parse(
  await readFile(new URL('../package.json', import.meta.url), 'utf8'),
);

/** What stays an import. */
export const IMPORTED = Object.keys({ ...dependencies, ...peerDependencies });

/**
 * The hub's client has a build for browsers that bundlers don't find, since its package.json names it in `browser`
 * beside `exports`. A few kilobytes of it are used; what it needs for uploads is not.
 */
export const hubClient = {
  name: 'hub-client',
  setup(build) {
    const path = fileURLToPath(new URL('browser/index.mjs', import.meta.resolve('@huggingface/hub')));
    build.onResolve({ filter: /^@huggingface\/hub$/ }, () => ({ path, sideEffects: false }));
    build.onResolve({ filter: /xetchunk-wasm$|^\.\// }, (asked) =>
      asked.importer === path ? { path: asked.path, external: true, sideEffects: false } : undefined,
    );
  },
};

const METRICS = ['Counter', 'Gauge', 'Histogram', 'Registry'];

/** Of Prometheus' client what counts, without what measures Node: so it runs on every host. */
export const metricsClient = {
  name: 'metrics-client',
  setup(build) {
    const resolveDir = fileURLToPath(new URL('..', import.meta.url));
    const text = METRICS.map(
      (name) => `export { default as ${name} } from 'prom-client/lib/${name.toLowerCase()}.js';`,
    ).join('\n');
    build.onResolve({ filter: /^prom-client$/ }, () => ({ path: 'prom-client', namespace: 'metrics' }));
    build.onLoad({ filter: /./, namespace: 'metrics' }, () => ({ contents: text, resolveDir }));
    // Node's `util` words its errors, which nobody sees.
    build.onResolve({ filter: /^util$/ }, ({ importer }) =>
      importer.includes('prom-client') ? { path: 'util', namespace: 'words' } : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'words' }, () => ({
      contents: 'export const format = String; export const inspect = JSON.stringify;',
    }));
  },
};
