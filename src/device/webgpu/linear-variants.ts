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

const SQUARE = { rows: 64, outputs: 64 };

/** What can serve a weight of this dtype, that which is presumed to be fastest first. */
export function linearVariants(dtype: WeightDtype, abilities: Abilities): readonly LinearVariant[] {
  const { arithmetic, matrices } = abilities;
  if (dtype === 'q8' || dtype === 'q4') return [integerVariant(dtype, abilities)];
  if (dtype === 'f16' && matrices) return [matrixVariant(matrices)];
  if (dtype === 'f16' && arithmetic === 'f16') return [HALF];
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

function integerVariant(dtype: 'q8' | 'q4', { hasDot4 }: Abilities): LinearVariant {
  return {
    name: 'integers',
    shaders: [...(hasDot4 ? [] : ['linear/dot4' as const]), `linear/weight-${dtype}`, 'linear/integer'],
    constants: {},
    tile: SQUARE,
    operand: 'integers',
    order: 'panel',
  };
}
