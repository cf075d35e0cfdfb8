/** What browsers have and Node has otherwise. `#platform` is this file everywhere but in Node. */

import { listFiles, modelInfo } from '@huggingface/hub';
import { ListwiseError } from '../error.js';
import type { ByteSource } from './byte-source.js';
import type { HubEnvironment } from './repository-cache.js';
import type { PlatformWorker, WorkerStart } from './worker.js';

export { readRecord, writeRecord } from './browser-records.js';
export { listRepositories, openRepositoryCache, removeRepository } from './browser-repository-cache.js';
export { compileNarrowKernels } from './narrow-kernels.js';

/** Nothing is set up for all pages. */
export async function hubEnvironment(): Promise<HubEnvironment> {
  return { cacheFolder: 'hub' };
}

/** A browser has its own settings for proxies. */
export async function hubFetch(): Promise<typeof fetch> {
  return fetch;
}

/** The hub's own client: little is left of it here, and a service worker can't import it later. */
export async function hubClient() {
  return { listFiles, modelInfo };
}

/**
 * For parts of large files. A browser's own cache lets one request after the other to its copy of an address, and would
 * hold a gigabyte for nothing.
 */
export const UNCACHED: RequestInit = { cache: 'no-store' };

function noFiles(path: string): ListwiseError {
  return new ListwiseError('checkpoint-not-found', `A browser can't open the folder of ${path}.`, {
    hint: 'Name a model on the Hugging Face hub, owner/name, or pass a Checkpoint whose bytes you fetched.',
  });
}

export async function exists(_path: string): Promise<boolean> {
  return false;
}

export async function listFolder(path: string): Promise<string[]> {
  throw noFiles(path);
}

export async function openFile(path: string): Promise<ByteSource> {
  throw noFiles(path);
}

export async function saveFile(path: string): Promise<void> {
  throw new ListwiseError('invalid-input', `A browser can't write ${path}.`, {
    hint: 'Take the bytes, as from `toSafetensors`, and offer them as a download.',
  });
}

/** Workers can share memory only in a page that is cross-origin isolated; elsewhere there are none. */
export function hardwareThreads(): number {
  return globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 0;
}

/** Browsers that have relaxed SIMD have it without being asked. */
export function enableRelaxedSimd(): void {}

/** Browsers have no flag for it. */
export function compileWideKernels(): WebAssembly.Module | undefined {
  return undefined;
}

/** Throws `device-unsupported` in browsers without WebGPU and on pages that are not secure. */
export async function requestGpu(): Promise<GPU> {
  const gpu = (globalThis.navigator as Navigator | undefined)?.gpu as GPU | undefined;
  if (gpu) return gpu;
  const secure = globalThis.isSecureContext ?? true;
  throw new ListwiseError('device-unsupported', 'This browser offers no WebGPU.', {
    hint: secure ? 'A newer one may.' : 'Serve the page over https, or from localhost.',
  });
}

/** A browser tells when it is asked for an adapter. */
export async function mayHaveGpu(): Promise<boolean> {
  return true;
}

/** Why a worker did not start, where the browser does not say. */
const REFUSED =
  "the browser refused it; if the page has a Content Security Policy, that has to allow worker-src blob: or, where a bundler emits the package's worker, worker-src 'self'";

/**
 * Inlined, a worker needs nothing of a bundler or a server, but a Content Security Policy may forbid it. Then the
 * package's file serves, where a bundler knows this form and has taken it along, or a server has the package.
 */
export const workerStarts: readonly WorkerStart[] = [
  (script) => {
    const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    return platformWorker(new Worker(url, { name: 'listwise' }), () => URL.revokeObjectURL(url));
  },
  () => platformWorker(new Worker(new URL('./wasm-worker.js', import.meta.url)), () => {}),
];

function platformWorker(worker: Worker, release: () => void): PlatformWorker {
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.addEventListener('message', ({ data }) => listener(data)),
    onError: (listener) =>
      worker.addEventListener('error', ({ message }) => listener(new Error(message || REFUSED))),
    ref: () => {},
    unref: () => {},
    terminate: async () => {
      worker.terminate();
      release();
    },
  };
}
