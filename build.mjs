/** Builds `dist/`: the WebAssembly kernels first, then one bundle for Node, one for browsers and the command line. */
import { copyFile, mkdir, rm } from 'node:fs/promises';
import asc from 'assemblyscript/asc';
import * as esbuild from 'esbuild';
import { hubClientForBrowsers } from './hub-client.mjs';
import { inlineForEsbuild } from './inline.mjs';

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

/** What all bundles share. Packages stay imports, so that an application has one copy of each. */
const COMMON = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  packages: 'external',
  splitting: true,
  outdir: 'dist',
  plugins: [inlineForEsbuild],
};

/** The embedded model, 15 MB of text, is built once and imported when it is wanted. */
const CODE = { ...COMMON, external: ['*/embedded-data.js'] };

await rm('dist', { recursive: true, force: true });
await mkdir('build', { recursive: true });
await Promise.all(KERNEL_BUILDS.map(compileKernels));
await esbuild.build({ ...COMMON, entryPoints: { 'embedded-data': 'src/checkpoint/embedded-data.ts' } });
await esbuild.build({
  ...CODE,
  entryPoints: { node: 'src/index.ts', cli: 'src/cli/main.ts', server: 'src/server/index.ts' },
  chunkNames: 'node-[name]-[hash]',
  platform: 'node',
  conditions: ['node'],
});
await esbuild.build({
  ...CODE,
  entryPoints: { browser: 'src/index.ts', 'browser-server': 'src/server/index.ts' },
  chunkNames: 'browser-[name]-[hash]',
  platform: 'browser',
  conditions: ['browser'],
  plugins: [...COMMON.plugins, hubClientForBrowsers],
});

/** The adapters take a loaded reranker and know its type alone, so nothing of it is in them and they run everywhere. */
await esbuild.build({
  ...CODE,
  entryPoints: ['ai-sdk', 'langchain', 'llamaindex'].map((library) => `src/integrations/${library}.ts`),
  platform: 'neutral',
});

/** Pictures of a trace, for pages. */
await esbuild.build({
  ...CODE,
  entryPoints: { inside: 'src/inspect/report/inside.ts' },
  splitting: false,
  platform: 'browser',
});
await copyFile('src/inspect/report/inside.css', 'dist/inside.css');

/** `node build.mjs bench` also builds the programs of bench/, into build/. */
if (process.argv.includes('bench')) {
  await esbuild.build({
    ...COMMON,
    entryPoints: [
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
      'serve',
    ].map((program) => `bench/${program}.ts`),
    outbase: 'bench',
    splitting: false,
    outdir: 'build',
    platform: 'node',
    conditions: ['node'],
  });
}
