/** What Cloudflare's runtime has otherwise than browsers: it compiles no WebAssembly but what a worker brings as a module. */

import type { NarrowKernels } from './kernels.js';
import relaxed from './relaxed-simd.wasm';

export * from './browser.js';

/** It refuses requests that say how to use a cache. */
export const UNCACHED: RequestInit = {};

export async function compileNarrowKernels(): Promise<NarrowKernels> {
  return { build: 'relaxed', module: relaxed };
}
