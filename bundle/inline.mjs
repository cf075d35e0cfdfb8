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

const DECODER = resolve(import.meta.dirname, '../src/base64.ts');

const INLINED = /\?(raw|binary|script)$/;

async function bundleScript(path) {
  const options = { entryPoints: [path], bundle: true, write: false, minify: true, target: 'es2022' };
  return (await esbuild.build(options)).outputFiles[0].text;
}

/** A module of a file's bytes, as base64. */
async function binaryModule(path) {
  const base64 = (await readFile(path)).toString('base64');
  return `import { bytesOf } from ${JSON.stringify(DECODER)};\nexport default bytesOf('${base64}');`;
}

export const inlineForEsbuild = {
  name: 'inline',
  setup(build) {
    build.onResolve({ filter: INLINED }, ({ path, resolveDir }) => {
      const [file, kind] = path.split('?');
      return { path: resolve(resolveDir, file), namespace: 'inline', pluginData: kind };
    });
    build.onLoad({ filter: /./, namespace: 'inline' }, async ({ path, pluginData: kind }) => {
      if (kind === 'binary') return { contents: await binaryModule(path), resolveDir: dirname(path) };
      return {
        contents: kind === 'script' ? await bundleScript(path) : await readFile(path),
        loader: 'text',
      };
    });
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
    return kind === 'binary' ? binaryModule(file) : null;
  },
};
