/** The compiled kernels: which build this engine runs, and how it multiplies integers. */
import { enableRelaxedSimd } from '#platform';
import relaxedBuild from '../../../build/relaxed-simd.wasm?binary';
import plainBuild from '../../../build/simd.wasm?binary';
import { ListwiseError } from '../../error.js';
import type { WeightDtype } from '../dtype.js';

/** What kernels/index.ts exports. Addresses are bytes in the shared memory. */
export interface KernelExports {
  run(program: number, steps: number, barrier: number, threads: number, scratch: number): void;
  heapBase(): number;
  attentionScratchBytes(headDim: number): number;
  pack(dtype: number, source: number, rows: number, inputs: number, out: number, group: number): void;
  largestMagnitude(values: number, count: number): number;
  dotOfLargeBytes(): number;
}

/** How weights rest, as kernels/dtype.ts numbers it. */
export const DTYPE: Readonly<Record<WeightDtype, number>> = { f32: 0, f16: 1, bf16: 2, q8: 3, q4: 4 };

/** Activations in 8-bit integers, as kernels/quantize.ts numbers their forms. */
export const FORM = { words: 0, signed: 1, unsigned: 2 } as const;
export type Form = keyof typeof FORM;

/** `relaxed` has fused multiply-add and the wide integer dot product, where the engine has relaxed SIMD. */
export type KernelBuild = 'plain' | 'relaxed';

export interface Kernels {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly exports: KernelExports;
  readonly build: KernelBuild;
  /** How quantised weights are multiplied: pairs of 16-bit words, or quads of bytes that the engine reads as signed or unsigned. */
  readonly form: Form;
}

/** Pages of 64 KiB that memory may grow to, the most first: some systems do not reserve 4 GiB of addresses. */
const LARGEST_MEMORIES = [65_536, 32_768, 16_384, 4_096];

/** Throws `device-unsupported` in an engine without WebAssembly SIMD. */
export async function compileKernels(wanted?: KernelBuild): Promise<Kernels> {
  enableRelaxedSimd();
  if (!WebAssembly.validate(plainBuild)) {
    throw new ListwiseError('device-unsupported', 'This engine has no WebAssembly SIMD and threads.', {
      hint: 'Node 20, Chrome 91, Firefox 89 and Safari 16.4 have them.',
    });
  }
  const build = wanted ?? (WebAssembly.validate(relaxedBuild) ? 'relaxed' : 'plain');
  const module = await WebAssembly.compile(build === 'relaxed' ? relaxedBuild : plainBuild);
  const memory = reserveMemory();
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const exports = instance.exports as unknown as KernelExports;
  return { module, memory, exports, build, form: formOf(exports.dotOfLargeBytes()) };
}

function reserveMemory(): WebAssembly.Memory {
  for (const maximum of LARGEST_MEMORIES) {
    try {
      return new WebAssembly.Memory({ initial: 1, maximum, shared: true });
    } catch {
      // The next one is smaller.
    }
  }
  throw new ListwiseError('device-unsupported', 'WebAssembly gets no shared memory here.');
}

/** 127 · 255 · 4 when bytes are read as unsigned, 127 · −1 · 4 when as signed; saturated sums would be inexact. */
function formOf(dotOfLargeBytes: number): Form {
  if (dotOfLargeBytes === 127 * 255 * 4) return 'unsigned';
  return dotOfLargeBytes === -127 * 4 ? 'signed' : 'words';
}
