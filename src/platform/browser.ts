/** What browsers have and Node has otherwise. `#platform` is this file everywhere but in Node. */

import { ListwiseError } from '../error.js';
import type { ByteSource } from './byte-source.js';
import type { HubEnvironment } from './repository-cache.js';
import type { PlatformWorker } from './worker.js';

export { readRecord, writeRecord } from './browser-records.js';
export { openRepositoryCache } from './browser-repository-cache.js';

/** Nothing is set up for all pages. */
export async function hubEnvironment(): Promise<HubEnvironment> {
  return { cacheFolder: 'hub' };
}

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

export function startWorker(script: string): PlatformWorker {
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(url, { name: 'listwise' });
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.addEventListener('message', ({ data }) => listener(data)),
    onError: (listener) => worker.addEventListener('error', ({ message }) => listener(new Error(message))),
    ref: () => {},
    unref: () => {},
    terminate: async () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
