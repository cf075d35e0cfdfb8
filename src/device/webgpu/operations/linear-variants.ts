/** The ways to compute a linear layer: which files of `shaders/`, in which tiles, from weights that rest how. */
import { isQuantized, type WeightDtype } from '../../dtype.js';
import type { Abilities, OperandForm } from '../arithmetic.js';
import type { Constants, ShaderName } from '../kernels/shaders.js';
import type { Order } from '../memory/packing.js';

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
  const { arithmetic } = abilities;
  if (isQuantized(dtype)) return [...matrixVariants(dtype, abilities), ...integerVariants(dtype, abilities)];
  if (dtype === 'f32') return [floatVariant(dtype)];
  const half = dtype === 'f16' && arithmetic === 'f16' ? [HALF] : [];
  return [...matrixVariants(dtype, abilities), floatVariant(dtype), ...half];
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

/** Tiles on matrix units, and the share of a subgroup: as large as its registers hold without a loss of speed. */
const MATRIX_TILES = [
  { tile: { rows: 128, outputs: 128 }, share: { rows: 64, outputs: 32 } },
  { tile: { rows: 64, outputs: 128 }, share: { rows: 32, outputs: 64 } },
  { tile: { rows: 64, outputs: 64 }, share: { rows: 32, outputs: 32 } },
] as const;

/** The tiles for which there is workgroup memory. */
function matrixVariants(dtype: WeightDtype, { matrices, workgroupBytes }: Abilities): LinearVariant[] {
  if (!matrices) return [];
  const { M, N, K, SUBGROUP, element } = matrices;
  const rests = isQuantized(dtype) ? dtype : 'f16';
  return MATRIX_TILES.filter(({ tile }) => matrixBytes(tile, element) <= workgroupBytes).map(
    ({ tile, share }) => ({
      name: `matrices, ${tile.rows} × ${tile.outputs}`,
      shaders: [`linear/elements-${element}`, `linear/tile-${rests}`, 'linear/matrix'],
      constants: {
        ...{ M, N, K, SUBGROUP },
        ...{ TILE_ROWS: tile.rows, TILE_OUTPUTS: tile.outputs },
        ...{ SHARE_ROWS: share.rows, SHARE_OUTPUTS: share.outputs },
      },
      tile,
      operand: 'halves',
      order: 'steps',
    }),
  );
}

/** Workgroup memory of linear/matrix.wgsl: 32 inputs of each row and output, and 16 bytes between them. */
function matrixBytes({ rows, outputs }: LinearVariant['tile'], element: 'f16' | 'f32'): number {
  return (rows + outputs) * (32 * (element === 'f16' ? 2 : 4) + 16);
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
