/** The WebAssembly kernels in 128 bits, as bytes inside this module. */
import relaxedBuild from '../../build/relaxed-simd.wasm?binary';
import plainBuild from '../../build/simd.wasm?binary';
import { ListwiseError } from '../error.js';
import type { NarrowKernels } from './kernels.js';

/**
 * Compiles the build `wanted`, or the best that this engine runs. Throws `device-unsupported` in an engine without
 * WebAssembly SIMD, and where it may not compile any.
 */
export async function compileNarrowKernels(wanted?: NarrowKernels['build']): Promise<NarrowKernels> {
  if (!globalThis.WebAssembly?.validate(plainBuild)) {
    throw new ListwiseError('device-unsupported', 'This engine has no WebAssembly SIMD and threads.', {
      hint: 'Node 20, Chrome 91, Firefox 89 and Safari 16.4 have them.',
    });
  }
  const build = wanted ?? (WebAssembly.validate(relaxedBuild) ? 'relaxed' : 'plain');
  try {
    return { build, module: await WebAssembly.compile(build === 'relaxed' ? relaxedBuild : plainBuild) };
  } catch (cause) {
    throw new ListwiseError('device-unsupported', `No WebAssembly may be compiled here: ${cause}`, {
      cause,
      hint: "In a page the directive script-src of its Content Security Policy has to allow 'wasm-unsafe-eval'.",
    });
  }
}
