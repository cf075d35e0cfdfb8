/**
 * Files that travel as text inside a module, so that no bundler and no server has to know about them:
 *
 *   import template from './x.jinja?raw'      the file's text
 *   import kernels from './x.wasm?binary'     its bytes, a Uint8Array
 *   import worker from './x.ts?script'        the file bundled to a classic script, as text
 *
 * The same three for esbuild (which makes `dist/`) and for Vite (which runs the tests from source).
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as esbuild from 'esbuild';

const INLINED = /\?(raw|binary|script)$/;

async function bundleScript(path) {
  const options = { entryPoints: [path], bundle: true, write: false, minify: true, target: 'es2022' };
  return (await esbuild.build(options)).outputFiles[0].text;
}

export const inlineForEsbuild = {
  name: 'inline',
  setup(build) {
    build.onResolve({ filter: INLINED }, ({ path, resolveDir }) => {
      const [file, kind] = path.split('?');
      return { path: resolve(resolveDir, file), namespace: 'inline', pluginData: kind };
    });
    build.onLoad({ filter: /./, namespace: 'inline' }, async ({ path, pluginData: kind }) =>
      kind === 'script'
        ? { contents: await bundleScript(path), loader: 'text' }
        : { contents: await readFile(path), loader: kind === 'raw' ? 'text' : 'binary' },
    );
  },
};

/** Vite knows `?raw` by itself. */
export const inlineForVite = {
  name: 'inline',
  enforce: 'pre',
  resolveId(id, importer) {
    return /\?(binary|script)$/.test(id) && importer ? resolve(dirname(importer), id) : null;
  },
  async load(id) {
    const [file, kind] = id.split('?');
    if (kind === 'script') return `export default ${JSON.stringify(await bundleScript(file))}`;
    if (kind !== 'binary') return null;
    const base64 = (await readFile(file)).toString('base64');
    return `export default Uint8Array.from(atob('${base64}'), (c) => c.charCodeAt(0))`;
  },
};
