/**
 * npm run bench:pack: makes build/gpu-bench, a folder to be copied to a Linux x64 machine with an NVIDIA driver and
 * nothing else. `run.sh` there unpacks the rest of it: this machine's Node, the benchmark, Dawn, the Vulkan loader,
 * golden values. Weights are made where it runs.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createBrotliDecompress, createGzip } from 'node:zlib';
import * as esbuild from 'esbuild';
import { inlineForEsbuild } from '../../bundle/inline.mjs';

const MOST = 60e6; // bytes
const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, '../..');
const FOLDER = join(ROOT, 'build/gpu-bench');
const DAWN = 'dist/linux-x64/dawn.node';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** The benchmark as one program. Dawn's package stays one, and the embedded model is a chunk of its own. */
function bundle(folder) {
  return esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: { gpu: 'bench/gpu/gpu.ts', probe: 'bench/gpu/probe.ts' },
    outdir: join(folder, 'program'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['node'],
    external: ['webgpu'],
    plugins: [inlineForEsbuild],
    logLevel: 'warning',
  });
}

async function copyGolden(folder) {
  await mkdir(join(folder, 'golden'));
  for (const file of await readdir(join(ROOT, 'golden'))) {
    if (/\.(json|safetensors)$/.test(file))
      await copyFile(join(ROOT, 'golden', file), join(folder, 'golden', file));
  }
}

/** Without debug symbols, where binutils are installed to take them out. */
async function copyBinary(from, to) {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await run('strip', [to]).catch(() => {});
}

async function copyDawn(folder) {
  const from = dirname(require.resolve('webgpu'));
  const to = join(folder, 'node_modules/webgpu');
  await copyBinary(join(from, DAWN), join(to, DAWN));
  for (const file of ['index.js', 'package.json', 'LICENSE.md'])
    await copyFile(join(from, file), join(to, file));
}

/** The one that comes with the tests' Chromium. */
async function copyVulkanLoader(folder) {
  const archive = join(dirname(require.resolve('@sparticuz/chromium')), '../../bin/swiftshader.tar.br');
  await mkdir(join(folder, 'lib'));
  const tar = spawn('tar', ['-x', '--no-same-owner', '-C', join(folder, 'lib'), 'libvulkan.so.1']);
  const ended = once(tar, 'close');
  await pipeline(createReadStream(archive), createBrotliDecompress(), tar.stdin);
  await ended;
}

/** For machines that lack the C++ library or have an older one than Dawn needs. */
async function copyCppLibrary(folder) {
  const { stdout } = await run('ldd', [join(dirname(require.resolve('webgpu')), DAWN)]);
  await mkdir(join(folder, 'lib/c++'));
  for (const [, name, path] of stdout.matchAll(/(libstdc\+\+\.so\.6|libgcc_s\.so\.1) => (\S+)/g)) {
    await copyFile(path, join(folder, 'lib/c++', name));
  }
}

async function compress(folder, archive) {
  const tar = spawn('tar', ['-c', '--owner=0', '--group=0', '-C', folder, '.']);
  await pipeline(tar.stdout, createGzip({ level: 9 }), createWriteStream(archive));
}

async function sizeOf(folder) {
  const files = await Promise.all((await readdir(folder)).map((file) => stat(join(folder, file))));
  return files.reduce((sum, { size }) => sum + size, 0);
}

if (process.platform !== 'linux' || process.arch !== 'x64') {
  throw new Error('The pack takes the Node that makes it along: make it on Linux x64.');
}
const contents = await mkdtemp(join(tmpdir(), 'gpu-bench-'));
try {
  await bundle(contents);
  await copyGolden(contents);
  await copyBinary(process.execPath, join(contents, 'node'));
  await copyDawn(contents);
  await copyVulkanLoader(contents);
  await copyCppLibrary(contents);
  await copyFile(join(HERE, 'peer.py'), join(contents, 'peer.py'));
  await cp(join(HERE, 'icd'), join(contents, 'icd'), { recursive: true });
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  await compress(contents, join(FOLDER, 'contents.tar.gz'));
} finally {
  await rm(contents, { recursive: true });
}
for (const file of ['run.sh', 'README.md']) await copyFile(join(HERE, file), join(FOLDER, file));

const size = await sizeOf(FOLDER);
console.log(`build/gpu-bench: ${(size / 1e6).toFixed(1)} MB`);
if (size > MOST) throw new Error(`The pack is larger than ${MOST / 1e6} MB.`);
