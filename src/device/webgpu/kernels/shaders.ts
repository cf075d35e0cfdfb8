/**
 * The kernels' WGSL. A kernel is made of one file of `shaders/` or of several, one after the other; its constants
 * are those that the files declare, some with another value.
 */
import attentionCacheF16 from '../../../../shaders/attention/cache-f16.wgsl?raw';
import attentionCacheF32 from '../../../../shaders/attention/cache-f32.wgsl?raw';
import attentionFloat from '../../../../shaders/attention/float.wgsl?raw';
import attentionMatrix from '../../../../shaders/attention/matrix.wgsl?raw';
import attentionOutFloats from '../../../../shaders/attention/out-floats.wgsl?raw';
import attentionOutHalves from '../../../../shaders/attention/out-halves.wgsl?raw';
import attentionRange from '../../../../shaders/attention/range.wgsl?raw';
import attentionScores from '../../../../shaders/attention/scores.wgsl?raw';
import attentionWeights from '../../../../shaders/attention/weights.wgsl?raw';
import linearDot4 from '../../../../shaders/linear/dot4.wgsl?raw';
import linearElementsF16 from '../../../../shaders/linear/elements-f16.wgsl?raw';
import linearElementsF32 from '../../../../shaders/linear/elements-f32.wgsl?raw';
import linearFloat from '../../../../shaders/linear/float.wgsl?raw';
import linearHalf from '../../../../shaders/linear/half.wgsl?raw';
import linearInteger from '../../../../shaders/linear/integer.wgsl?raw';
import linearIntegerDot from '../../../../shaders/linear/integer-dot.wgsl?raw';
import linearIntegerFloat from '../../../../shaders/linear/integer-float.wgsl?raw';
import linearMatrix from '../../../../shaders/linear/matrix.wgsl?raw';
import linearOutput from '../../../../shaders/linear/output.wgsl?raw';
import linearTileF16 from '../../../../shaders/linear/tile-f16.wgsl?raw';
import linearTileQ4 from '../../../../shaders/linear/tile-q4.wgsl?raw';
import linearTileQ8 from '../../../../shaders/linear/tile-q8.wgsl?raw';
import linearWeightF32 from '../../../../shaders/linear/weight-f32.wgsl?raw';
import linearWeightHalf from '../../../../shaders/linear/weight-half.wgsl?raw';
import linearWeightQ4 from '../../../../shaders/linear/weight-q4.wgsl?raw';
import linearWeightQ8 from '../../../../shaders/linear/weight-q8.wgsl?raw';
import copy from '../../../../shaders/rows/copy.wgsl?raw';
import floats from '../../../../shaders/rows/floats.wgsl?raw';
import gather from '../../../../shaders/rows/gather.wgsl?raw';
import halfScale from '../../../../shaders/rows/half-scale.wgsl?raw';
import halves from '../../../../shaders/rows/halves.wgsl?raw';
import heads from '../../../../shaders/rows/heads.wgsl?raw';
import integers from '../../../../shaders/rows/integers.wgsl?raw';
import padded from '../../../../shaders/rows/padded.wgsl?raw';
import queriesFloats from '../../../../shaders/rows/queries-floats.wgsl?raw';
import queriesHalves from '../../../../shaders/rows/queries-halves.wgsl?raw';
import reduce from '../../../../shaders/rows/reduce.wgsl?raw';
import rmsNorm from '../../../../shaders/rows/rms-norm.wgsl?raw';
import rmsNormFloats from '../../../../shaders/rows/rms-norm-floats.wgsl?raw';
import rmsNormHalves from '../../../../shaders/rows/rms-norm-halves.wgsl?raw';
import { unroll } from './unroll.js';

const SHADERS = {
  'attention/cache-f16': attentionCacheF16,
  'attention/cache-f32': attentionCacheF32,
  'attention/float': attentionFloat,
  'attention/matrix': attentionMatrix,
  'attention/out-floats': attentionOutFloats,
  'attention/out-halves': attentionOutHalves,
  'attention/range': attentionRange,
  'attention/scores': attentionScores,
  'attention/weights': attentionWeights,
  'linear/dot4': linearDot4,
  'linear/elements-f16': linearElementsF16,
  'linear/elements-f32': linearElementsF32,
  'linear/float': linearFloat,
  'linear/half': linearHalf,
  'linear/integer': linearInteger,
  'linear/integer-dot': linearIntegerDot,
  'linear/integer-float': linearIntegerFloat,
  'linear/matrix': linearMatrix,
  'linear/output': linearOutput,
  'linear/tile-f16': linearTileF16,
  'linear/tile-q4': linearTileQ4,
  'linear/tile-q8': linearTileQ8,
  'linear/weight-f32': linearWeightF32,
  'linear/weight-half': linearWeightHalf,
  'linear/weight-q4': linearWeightQ4,
  'linear/weight-q8': linearWeightQ8,
  'rows/copy': copy,
  'rows/floats': floats,
  'rows/gather': gather,
  'rows/half-scale': halfScale,
  'rows/halves': halves,
  'rows/heads': heads,
  'rows/integers': integers,
  'rows/padded': padded,
  'rows/queries-floats': queriesFloats,
  'rows/queries-halves': queriesHalves,
  'rows/reduce': reduce,
  'rows/rms-norm': rmsNorm,
  'rows/rms-norm-floats': rmsNormFloats,
  'rows/rms-norm-halves': rmsNormHalves,
} as const;

export type ShaderName = keyof typeof SHADERS;

/** Values for constants that the shaders declare as `const NAME: type = value;`. */
export type Constants = Readonly<Record<string, number | boolean>>;

const DIRECTIVE = /^(enable|requires|diagnostic)\b[^;]*;\n/gm;

/** The text of a kernel: its files with these constants and with loops unrolled, directives first as WGSL wants them. */
export function composeShader(names: readonly ShaderName[], constants: Constants): string {
  let text = names.map((name) => SHADERS[name]).join('\n');
  for (const [name, value] of Object.entries(constants)) {
    const declaration = new RegExp(`^const ${name}: (u32|bool|f32) = [^;]+;`, 'm');
    if (!declaration.test(text)) throw new Error(`${names.join(' + ')} declares no constant ${name}.`);
    text = text.replace(declaration, `const ${name}: $1 = ${value};`);
  }
  const directives = new Set(text.match(DIRECTIVE));
  return [...directives, unroll(text.replace(DIRECTIVE, ''))].join('');
}

/** The text for a GPU that can't fix the size of its subgroups, and hence has only one: without what fixes it. */
export function withoutSubgroupSize(text: string): string {
  return text.replace(/^enable subgroup_size_control;\n/m, '').replace(/ @subgroup_size\(\w+\)/, '');
}

/** What a shader's storage bindings are for, in their order from binding 1 on. */
export function storageAccess(text: string): GPUBufferBindingType[] {
  const access: GPUBufferBindingType[] = [];
  for (const [, binding, mode] of text.matchAll(/@binding\((\d+)\) var<storage, (read|read_write)>/g)) {
    access[Number(binding) - 1] = mode === 'read' ? 'read-only-storage' : 'storage';
  }
  return access;
}
