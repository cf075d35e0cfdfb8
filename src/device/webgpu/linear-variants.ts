/** The ways to compute a linear layer: which files of `shaders/`, in which tiles, from weights that rest how. */
import type { WeightDtype } from '../dtype.js';
import type { Abilities } from './arithmetic.js';
import type { OperandForm } from './operands.js';
import type { Order } from './packing.js';
import type { Constants, ShaderName } from './shaders.js';

/** A line of the table. */
export interface LinearVariant {
  readonly name: string;
  /** In front of them stands linear/output.wgsl. */
  readonly shaders: readonly ShaderName[];
  readonly constants: Constants;
  /** Rows and outputs of a workgroup's tile. */
  readonly tile: { readonly rows: number; readonly outputs: number };
  /** How the kernel reads x. */
  readonly operand: OperandForm;
  /** How weights rest for it. */
  readonly order: Order;
}

/** Workgroup memory of linear/integer-float.wgsl. */
const FLOAT_TILES = 17 * 1024; // bytes

const SQUARE = { rows: 64, outputs: 64 };

/** What can serve a weight of this dtype, that which is presumed to be fastest first. */
export function linearVariants(dtype: WeightDtype, abilities: Abilities): readonly LinearVariant[] {
  const { arithmetic, matrices } = abilities;
  if (dtype === 'q8' || dtype === 'q4') return integerVariants(dtype, abilities);
  if (dtype === 'f16' && matrices) return [matrixVariant(matrices)];
  if (dtype === 'f16' && arithmetic === 'f16') return [HALF, floatVariant(dtype)];
  return [floatVariant(dtype)];
}

const HALF: LinearVariant = {
  name: '16-bit',
  shaders: ['linear/half'],
  constants: {},
  tile: SQUARE,
  operand: 'halves',
  order: 'panel',
};

function floatVariant(dtype: 'f32' | 'f16' | 'bf16'): LinearVariant {
  return {
    name: '32-bit',
    shaders: [dtype === 'f32' ? 'linear/weight-f32' : 'linear/weight-half', 'linear/float'],
    constants: dtype === 'f32' ? {} : { BF16: dtype === 'bf16' },
    tile: SQUARE,
    operand: 'floats',
    order: 'panel',
  };
}

function matrixVariant(matrices: NonNullable<Abilities['matrices']>): LinearVariant {
  return {
    name: 'matrices, 128 × 128',
    shaders: ['linear/matrix'],
    constants: { ...matrices },
    tile: { rows: 128, outputs: 128 },
    operand: 'halves',
    order: 'rows',
  };
}

/** Equal to the bit: dot products of bytes, and floats where GPUs have no instruction for those. */
function integerVariants(dtype: 'q8' | 'q4', abilities: Abilities): readonly LinearVariant[] {
  const { hasDot4, vendor, workgroupBytes } = abilities;
  const variant = (name: string, products: readonly ShaderName[]): LinearVariant => ({
    name,
    shaders: [`linear/weight-${dtype}`, 'linear/integer', ...products],
    constants: {},
    tile: SQUARE,
    operand: 'integers',
    order: 'panel',
  });
  const dots = variant('integers', ['linear/integer-dot', ...(hasDot4 ? [] : ['linear/dot4' as const])]);
  const floats = variant('integers as floats', ['linear/integer-float']);
  if (workgroupBytes < FLOAT_TILES) return [dots];
  return hasDot4 && vendor !== 'apple' ? [dots, floats] : [floats, dots];
}
