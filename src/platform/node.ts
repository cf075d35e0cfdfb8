/** What Node has and browsers have otherwise. `#platform` is this file under the `node` condition. */
import { readdir, writeFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { ListwiseError } from '../error.js';
import { withHome } from './node-home.js';
import type { PlatformWorker, WorkerStart } from './worker.js';

export { compileNarrowKernels } from './narrow-kernels.js';
export { exists, listFolder, openFile } from './node-files.js';
export { hubEnvironment } from './node-hub-environment.js';
export { hubFetch } from './node-hub-fetch.js';
export { readRecord, writeRecord } from './node-records.js';
export { listRepositories, openRepositoryCache, removeRepository } from './node-repository-cache.js';
export { hardwareThreads } from './node-threads.js';
export { compileWideKernels } from './node-wide-simd.js';

export function hubClient() {
  return import('./node-hub-client.js');
}

/** It has no cache. */
export const UNCACHED: RequestInit = {};

export async function saveFile(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(withHome(path), bytes);
}

/** Node 20 has relaxed SIMD behind a flag, which works when set before the first module is compiled. */
export function enableRelaxedSimd(): void {
  if (Number(process.versions.node.split('.')[0]) < 22)
    setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/**
 * Dawn's switches: experimental features may be asked for, and f16 on NVIDIA, which Dawn leaves off. Around every load
 * and store Dawn puts a check of its bounds, and it clears workgroup memory: a third of a product's time. Our kernels
 * keep to their buffers and write before they read, which the tests prove with NaNs behind each buffer's end
 * (`test/support/nans-behind.ts`). In pages the checks stay.
 */
const DAWN_FEATURES = [
  'allow_unsafe_apis',
  'vulkan_enable_f16_on_nvidia',
  'disable_robustness',
  'disable_workgroup_init',
];

/** One for the process: what it gave out crashes once it is garbage. */
let dawn: GPU | undefined;

/** The runtime's own WebGPU, or Dawn. Throws `device-unsupported` where the package `webgpu` is not installed. */
export async function requestGpu(): Promise<GPU> {
  const own = (globalThis.navigator as Navigator | undefined)?.gpu as GPU | undefined;
  if (own) return own;
  try {
    // Bundlers leave it where it is installed: it looks for its binary beside itself.
    const { create } = await import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ 'webgpu'
    );
    dawn ??= create([`enable-dawn-features=${DAWN_FEATURES.join()}`]);
    return dawn;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : cause;
    throw new ListwiseError('device-unsupported', `The package webgpu can't be loaded: ${why}`, {
      cause,
      hint: 'Install it beside listwise: npm install webgpu',
    });
  }
}

/** What Linux calls a GPU's device: that of NVIDIA's driver, and of Windows' beneath WSL. All others are in /dev/dri. */
const GPU_DEVICE = /^(nvidia\d+|dxg)$/;

/**
 * Whether there may be a GPU. Where Linux shows none, Dawn need not be loaded, nor Deno's WebGPU be asked, to find none,
 * which they would tell the terminal, too.
 */
export async function mayHaveGpu(): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const [devices, nodes] = await Promise.all(['/dev', '/dev/dri'].map(namesIn));
  return (
    !devices ||
    !nodes ||
    devices.some((name) => GPU_DEVICE.test(name)) ||
    nodes.some((name) => name.startsWith('renderD'))
  );
}

/** Undefined where it may not be told. */
async function namesIn(folder: string): Promise<string[] | undefined> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? [] : undefined));
}

/** Lets a worker's script speak to its parent as in a browser, through `self`. */
const SELF = "globalThis.self = require('node:worker_threads').parentPort;";

/**
 * Starts a worker from a script's text. It does not keep the process alive. Without `execArgv` it would inherit the
 * process's own flags: `--input-type=module`, say, would make another kind of module of the script.
 */
function startWorker(script: string): PlatformWorker {
  const worker = new Worker(`${SELF}\n${script}`, { eval: true, execArgv: [], name: 'listwise' });
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.on('message', listener),
    onError: (listener) => worker.on('error', listener),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    terminate: async () => {
      await worker.terminate();
    },
  };
}

/** The ways to start a worker that runs a script, the best first. */
export const workerStarts: readonly WorkerStart[] = [startWorker];
