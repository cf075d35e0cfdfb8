/** Builds `dist/`: the WebAssembly kernels first, then one bundle for Node, one for browsers and the command line. */
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';
import * as esbuild from 'esbuild';
import { inlineForEsbuild } from './bundle/inline.mjs';
import { licencesOf } from './bundle/licences.mjs';
import { hubClient, IMPORTED, metricsClient } from './bundle/packages.mjs';

const KERNELS = 'src/device/wasm/kernels';

/**
 * Every engine runs the plain build; the relaxed one has fused multiply-add and the wide int8 dot product; the wide one
 * is for engines that join two vectors of 128 bits.
 */
const KERNEL_BUILDS = [
  { name: 'simd', features: ['simd', 'threads'] },
  { name: 'relaxed-simd', features: ['simd', 'threads', 'relaxed-simd'] },
  { name: 'wide-simd', entry: 'wide.ts', features: ['simd', 'threads', 'relaxed-simd'], wide: 1 },
];

async function compileKernels({ name, entry = 'index.ts', features, wide = 0 }) {
  const file = `build/${name}.wasm`;
  const { error, stderr } = await asc.main([
    `${KERNELS}/${entry}`,
    ...['--outFile', file, '-O3', '--noAssert', '--runtime', 'stub'],
    ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
    ...features.flatMap((feature) => ['--enable', feature]),
    ...['--use', `WIDE=${wide}`],
  ]);
  if (error) throw new Error(`${file}: ${error.message}\n${stderr.toString()}`);
}

/** What all bundles share. */
const COMMON = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  splitting: true,
  outdir: 'dist',
  metafile: true,
};

/** What goes through proxies is a file by itself, loaded where there is one. */
const proxyClient = {
  name: 'proxy-client',
  setup(build) {
    const path = './proxy-client.cjs';
    build.onResolve({ filter: /\/node-proxy-client\.js$/ }, () => ({ path, external: true }));
  },
};

/** The embedded model, 15 MB of text, is built once and imported when it is wanted. */
const CODE = {
  ...COMMON,
  external: [...IMPORTED, '*/embedded-data.js'],
  plugins: [inlineForEsbuild, hubClient, metricsClient, proxyClient],
};

const ADAPTERS = Object.fromEntries(
  ['ai-sdk', 'langchain', 'llamaindex'].map((library) => [library, `src/integrations/${library}.ts`]),
);

const INSIDE = 'src/inspect/report/inside.ts';

/** What is required gets the model by another way: src/platform/required-embedded.ts. */
const requiredEmbedded = {
  name: 'required-embedded',
  setup(build) {
    const path = './embedded-data.cjs';
    build.onResolve({ filter: /\/embedded-data\.js$/ }, () => ({ path, external: true }));
  },
};

/** The API and the server, for one kind of host. */
function buildFor(host, { entries = {}, ...options }) {
  return esbuild.build({
    ...CODE,
    entryPoints: { [host]: 'src/index.ts', ...entries },
    chunkNames: `${host}-[name]-[hash]`,
    conditions: [host],
    ...options,
  });
}

/** `node build.mjs bench` also builds the programs of bench/, and that of test/hosts, into build/. */
const withPrograms = process.argv.includes('bench');

// With programs dist/types stays: nothing makes it anew.
await mkdir('dist', { recursive: true });
for (const name of await readdir('dist')) {
  if (name !== 'types' || !withPrograms) await rm(`dist/${name}`, { recursive: true });
}
await mkdir('build', { recursive: true });
await Promise.all(KERNEL_BUILDS.map(compileKernels));
await esbuild.build({
  ...COMMON,
  entryPoints: { 'embedded-data': 'src/checkpoint/embedded-data.ts' },
  plugins: [inlineForEsbuild],
});

const SERVER = 'src/server/index.ts';
const bundles = [
  await buildFor('node', { entries: { cli: 'src/cli/main.ts', server: SERVER }, platform: 'node' }),
  await buildFor('browser', { entries: { 'browser-server': SERVER }, platform: 'browser' }),
  // It compiles no WebAssembly, but takes the kernels as a module beside the bundle.
  await buildFor('workerd', {
    entries: { 'workerd-server': SERVER },
    platform: 'browser',
    external: [...CODE.external, '*.wasm'],
  }),
];
/** In CommonJS, as it is written: it asks for Node's modules in the middle of functions. */
bundles.push(
  await esbuild.build({
    ...COMMON,
    entryPoints: { 'proxy-client': 'src/platform/node-proxy-client.ts' },
    format: 'cjs',
    splitting: false,
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    minify: true,
  }),
);
await copyFile('build/relaxed-simd.wasm', 'dist/relaxed-simd.wasm');
await writeFile('dist/LICENCES.txt', await licencesOf(bundles.map(({ metafile }) => metafile)));

/** The worker inside the bundles once more, as a file: where a page forbids the other (platform/browser.ts). */
await esbuild.build({
  ...COMMON,
  entryPoints: { 'wasm-worker': 'src/device/wasm/worker.ts' },
  format: 'iife',
  splitting: false,
  minify: true,
});

/** The adapters take a loaded reranker and know its type alone, so nothing of it is in them and they run everywhere. */
await esbuild.build({
  ...CODE,
  entryPoints: ADAPTERS,
  platform: 'neutral',
});

/** Pictures of a trace, for pages. */
await esbuild.build({
  ...CODE,
  entryPoints: { inside: INSIDE },
  splitting: false,
  platform: 'browser',
});
await copyFile('src/inspect/report/inside.css', 'dist/inside.css');

/**
 * For `require` where it can't load modules: in Jest. Node itself takes the modules, however it is asked (package.json,
 * `module-sync`), so there is one copy of everything.
 */
await esbuild.build({
  ...CODE,
  entryPoints: {
    required: 'src/required.ts',
    'embedded-data': 'src/platform/required-embedded.ts',
    inside: INSIDE,
    ...ADAPTERS,
  },
  format: 'cjs',
  splitting: false,
  outExtension: { '.js': '.cjs' },
  platform: 'node',
  conditions: ['node'],
  supported: { 'dynamic-import': false }, // in Jest there is none
  plugins: [requiredEmbedded, ...CODE.plugins],
});
await writeFile('dist/node.cjs', "module.exports = require('./required.cjs').listwise;\n");
await writeFile('dist/server.cjs', "module.exports = require('./required.cjs').server;\n");

const PROGRAMS = [
  'accuracy',
  'bench',
  'dtypes',
  'evaluate',
  'forward',
  'host',
  'inside',
  'kernels/compile',
  'kernels/main',
  'load',
  'rates',
  'long',
  'packagings',
  'pointwise',
  'serve',
  'tokens',
];

if (withPrograms) {
  await esbuild.build({
    ...COMMON,
    packages: 'external',
    plugins: [inlineForEsbuild],
    entryPoints: {
      ...Object.fromEntries(PROGRAMS.map((program) => [program, `bench/${program}.ts`])),
      'test/hosts': 'test/hosts/main.ts',
    },
    splitting: false,
    outdir: 'build',
    platform: 'node',
    conditions: ['node'],
  });
}
