import { fileURLToPath } from 'node:url';

/**
 * The hub's client has a build for browsers that bundlers don't find, since its package.json names it in `browser`
 * beside `exports`; so what is used of it, a few kilobytes, goes into the bundle. What it needs for uploads is not.
 */
export const hubClientForBrowsers = {
  name: 'hub-client',
  setup(build) {
    const path = fileURLToPath(new URL('browser/index.mjs', import.meta.resolve('@huggingface/hub')));
    build.onResolve({ filter: /^@huggingface\/hub$/ }, () => ({ path, sideEffects: false }));
    build.onResolve({ filter: /xetchunk-wasm$|^\.\// }, (asked) =>
      asked.importer === path ? { path: asked.path, external: true, sideEffects: false } : undefined,
    );
  },
};
