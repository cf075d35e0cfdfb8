/**
 * The CPU's kernels, in AssemblyScript: TypeScript's syntax over WebAssembly's types and SIMD instructions.
 *
 * A pass is a program: an array of steps in shared memory, each STEP_BYTES long. Every thread runs every step;
 * within a step they take items of work from a shared counter, and they meet at a barrier before the next.
 * The words of each step are written by ../pass.ts.
 */
import { attention } from './attention';
import { attentionWeights } from './attention-weights';
import { meet } from './barrier';
import { copy } from './copy';
import { Dtype } from './dtype';
import { gather } from './gather';
import { packHalves } from './halves';
import { linearF32, packF32, packRows } from './linear-f32';
import { linearQ4 } from './linear-q4';
import { linearQ8Pairs } from './linear-q8-pairs';
import { linearQ8Quads } from './linear-q8-quads';
import { pad } from './pad';
import { packQ4 } from './q4';
import { packQ8, quantizeRows } from './quantize';
import { rmsNorm } from './rms-norm';
import { keysValues, queries } from './rotary';
import { LANES } from './width';

export { attentionScratchBytes } from './attention';
export { largestMagnitude } from './halves';
export { dotOfLargeBytes } from './linear-q8-quads';

/** Outputs in a panel of floats. */
export function floatPanel(): usize {
  return LANES;
}

/** The first free byte of memory. */
export function heapBase(): usize {
  return __heap_base;
}

const STEP_BYTES: usize = 64;

enum Operation {
  RmsNorm,
  PackRows,
  QuantizeRows,
  LinearF32,
  LinearQ8Pairs,
  LinearQ8Quads,
  LinearQ4,
  Queries,
  KeysValues,
  Attention,
  Gather,
  Copy,
  AttentionWeights,
  Pad,
}

/**
 * Packs `rows` (a multiple of 8) of a weight, row-major f32 at `source`, into panels at `out`, of which the last may stay
 * half empty. Quantised, they are in groups of `group` inputs.
 */
export function pack(dtype: Dtype, source: usize, rows: usize, inputs: usize, out: usize, group: usize): void {
  switch (dtype) {
    case Dtype.F32: return packF32(source, rows, inputs, out);
    case Dtype.Q8: return packQ8(source, rows, inputs, out, group);
    case Dtype.Q4: return packQ4(source, rows, inputs, out, group);
    default: return packHalves(source, rows, inputs, out, dtype);
  }
}

/**
 * Runs a program as one of `threads`. `barrier` are two zeroed words that the threads share; `scratch` is this
 * thread's own memory.
 */
export function run(program: usize, steps: i32, barrier: usize, threads: i32, scratch: usize): void {
  for (let i = 0; i < steps; i++) {
    runStep(program + <usize>i * STEP_BYTES, scratch);
    meet(barrier, threads);
  }
}

function runStep(step: usize, scratch: usize): void {
  switch (load<i32>(step)) {
    case Operation.RmsNorm: return rmsNorm(step);
    case Operation.PackRows: return packRows(step);
    case Operation.QuantizeRows: return quantizeRows(step);
    case Operation.LinearF32: return linearF32(step, scratch);
    case Operation.LinearQ8Pairs: return linearQ8Pairs(step, scratch);
    case Operation.LinearQ8Quads: return linearQ8Quads(step, scratch);
    case Operation.LinearQ4: return linearQ4(step, scratch);
    case Operation.Queries: return queries(step);
    case Operation.KeysValues: return keysValues(step);
    case Operation.Attention: return attention(step, scratch);
    case Operation.Gather: return gather(step);
    case Operation.Copy: return copy(step);
    case Operation.AttentionWeights: return attentionWeights(step);
    case Operation.Pad: return pad(step);
    default: unreachable();
  }
}
