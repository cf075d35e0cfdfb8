/**
 * The kernels' WGSL. A kernel is made of one file of `shaders/` or of several, one after the other; its constants
 * are those that the files declare, some with another value.
 */
import attention from '../../../shaders/attention.wgsl?raw';
import attentionMatrix from '../../../shaders/attention-matrix.wgsl?raw';
import attentionRange from '../../../shaders/attention-range.wgsl?raw';
import cacheF16 from '../../../shaders/cache-f16.wgsl?raw';
import cacheF32 from '../../../shaders/cache-f32.wgsl?raw';
import copy from '../../../shaders/copy.wgsl?raw';
import dot4 from '../../../shaders/dot4.wgsl?raw';
import gather from '../../../shaders/gather.wgsl?raw';
import halfRows from '../../../shaders/half-rows.wgsl?raw';
import linear from '../../../shaders/linear.wgsl?raw';
import linearF16 from '../../../shaders/linear-f16.wgsl?raw';
import linearInteger from '../../../shaders/linear-integer.wgsl?raw';
import linearMatrix from '../../../shaders/linear-matrix.wgsl?raw';
import linearOutput from '../../../shaders/linear-output.wgsl?raw';
import quantizeRows from '../../../shaders/quantize-rows.wgsl?raw';
import rmsNorm from '../../../shaders/rms-norm.wgsl?raw';
import rotary from '../../../shaders/rotary.wgsl?raw';
import weightF32 from '../../../shaders/weight-f32.wgsl?raw';
import weightHalf from '../../../shaders/weight-half.wgsl?raw';
import weightQ4 from '../../../shaders/weight-q4.wgsl?raw';
import weightQ8 from '../../../shaders/weight-q8.wgsl?raw';

const SHADERS = {
  attention,
  'attention-matrix': attentionMatrix,
  'attention-range': attentionRange,
  'cache-f16': cacheF16,
  'cache-f32': cacheF32,
  copy,
  dot4,
  gather,
  'half-rows': halfRows,
  linear,
  'linear-f16': linearF16,
  'linear-integer': linearInteger,
  'linear-matrix': linearMatrix,
  'linear-output': linearOutput,
  'quantize-rows': quantizeRows,
  'rms-norm': rmsNorm,
  rotary,
  'weight-f32': weightF32,
  'weight-half': weightHalf,
  'weight-q4': weightQ4,
  'weight-q8': weightQ8,
} as const;

export type ShaderName = keyof typeof SHADERS;

/** Values for constants that the shaders declare as `const NAME: type = value;`. */
export type Constants = Readonly<Record<string, number | boolean>>;

const DIRECTIVE = /^(enable|requires|diagnostic)\b[^;]*;\n/gm;

/** The text of a kernel: its files with these constants, directives first as WGSL wants them. */
export function composeShader(names: readonly ShaderName[], constants: Constants): string {
  let text = names.map((name) => SHADERS[name]).join('\n');
  for (const [name, value] of Object.entries(constants)) {
    const declaration = new RegExp(`^const ${name}: (u32|bool|f32) = [^;]+;`, 'm');
    if (!declaration.test(text)) throw new Error(`${names.join(' + ')} declares no constant ${name}.`);
    text = text.replace(declaration, `const ${name}: $1 = ${value};`);
  }
  const directives = new Set(text.match(DIRECTIVE));
  return [...directives, text.replace(DIRECTIVE, '')].join('');
}

/** What a shader's storage bindings are for, in their order from binding 1 on. */
export function storageAccess(text: string): GPUBufferBindingType[] {
  const access: GPUBufferBindingType[] = [];
  for (const [, binding, mode] of text.matchAll(/@binding\((\d+)\) var<storage, (read|read_write)>/g)) {
    access[Number(binding) - 1] = mode === 'read' ? 'read-only-storage' : 'storage';
  }
  return access;
}
