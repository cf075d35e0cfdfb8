/** The compiled kernels: which build this engine runs, and how it multiplies integers. */
import { compileNarrowKernels, compileWideKernels, enableRelaxedSimd } from '#platform';
import { ListwiseError } from '../../error.js';
import type { NarrowKernels } from '../../platform/kernels.js';
import type { WeightDtype } from '../dtype.js';
import type { Form, Layout } from './packing.js';

/** What kernels/index.ts exports. Addresses are bytes in the shared memory. */
export interface KernelExports {
  run(program: number, steps: number, barrier: number, threads: number, scratch: number): void;
  heapBase(): number;
  attentionScratchBytes(headDim: number): number;
  pack(dtype: number, source: number, rows: number, inputs: number, out: number, group: number): void;
  largestMagnitude(values: number, count: number): number;
  dotOfLargeBytes(): number;
  floatPanel(): number;
}

/** How weights rest, as kernels/dtype.ts numbers it. */
export const DTYPE: Readonly<Record<WeightDtype, number>> = { f32: 0, f16: 1, bf16: 2, q8: 3, q4: 4 };

/** Activations in 8-bit integers, as kernels/quantize.ts numbers their forms. */
export const FORM: Readonly<Record<Form, number>> = { words: 0, signed: 1, unsigned: 2, summed: 3 };

/** `wide` is `relaxed` for engines that join two vectors to one of 256 bits. Both give the same numbers. */
export type KernelBuild = NarrowKernels['build'] | 'wide';

export interface Kernels {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly exports: KernelExports;
  readonly build: KernelBuild;
  readonly layout: Layout;
}

/** Pages of 64 KiB that memory may grow to, the most first: some systems do not reserve 4 GiB of addresses. */
const LARGEST_MEMORIES = [65_536, 32_768, 16_384, 4_096];

/**
 * The kernels of a build; without one the best narrow build that the engine runs. Throws `device-unsupported` in an engine
 * without WebAssembly SIMD, and for `wide` in one where that is not faster.
 */
export async function compileKernels(wanted?: KernelBuild): Promise<Kernels> {
  enableRelaxedSimd();
  const { build, module } = wanted === 'wide' ? wideKernels() : await compileNarrowKernels(wanted);
  const memory = reserveMemory();
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const exports = instance.exports as unknown as WideExports;
  if (build === 'wide' && !isFaster(exports)) throw notJoined();
  const q8 = formOf(exports.dotOfLargeBytes());
  const q4 = q8 === 'words' && build !== 'plain' ? 'summed' : q8;
  const layout = { forms: { q8, q4 }, floatPanel: exports.floatPanel() };
  return { module, memory, exports, build, layout };
}

function notJoined(): ListwiseError {
  return new ListwiseError('device-unsupported', 'This engine does not join vectors to 256 bits.');
}

function wideKernels(): Pick<Kernels, 'build' | 'module'> {
  const module = compileWideKernels();
  if (!module) throw notJoined();
  return { build: 'wide', module };
}

/** What kernels/probe.ts exports. */
interface WideExports extends KernelExports {
  probeEightLanes(memory: number, times: number): void;
  probeSixteenLanes(memory: number, times: number): void;
}

/** How much faster sixteen lanes must be than eight. Joined they are nearly twice as fast, else slower. */
const GAIN = 1.3;

/** In some five milliseconds. */
function isFaster(kernels: WideExports): boolean {
  const memory = kernels.heapBase();
  const times = [kernels.probeEightLanes, kernels.probeSixteenLanes].map((probe) => {
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 6; run++) {
      const start = performance.now();
      probe(memory, 2000);
      least = Math.min(least, performance.now() - start);
    }
    return least;
  });
  return times[0]! > GAIN * times[1]!;
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
