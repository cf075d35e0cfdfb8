/** The ways to compute attention: which files of `shaders/`, in which tiles. */
import type { Abilities, MatrixShape, OperandForm } from '../arithmetic.js';
import type { Constants, ShaderName } from '../kernels/shaders.js';
import type { TensorDtype } from '../memory/tensors.js';

/** What is to be served. */
export interface HeadShape {
  readonly headDim: number;
  /** Query heads that share a key-value head. */
  readonly group: number;
  /** How keys and values rest. */
  readonly cache: TensorDtype;
}

/** A line of the table. */
export interface AttentionVariant {
  readonly name: string;
  /** In front of them stands attention/range.wgsl. */
  readonly shaders: readonly ShaderName[];
  readonly constants: Constants;
  /** Rows that a workgroup serves. */
  readonly tokens: number;
  /** How the kernel reads queries. */
  readonly operand: OperandForm;
  /** Workgroup memory that it takes. */
  readonly bytes: number;
}

/** What can serve these heads, that which is presumed to be fastest first. */
export function attentionVariants(shape: HeadShape, abilities: Abilities): readonly AttentionVariant[] {
  const { matrices, workgroupBytes } = abilities;
  const lines = [
    matrices && matrixVariant(shape, matrices, 2),
    matrices && matrixVariant(shape, matrices, 1),
    floatVariant(shape, { rows: 64, keys: 32, room: 26 * 1024 }),
    floatVariant(shape, { rows: 64, keys: 64, room: 26 * 1024 }),
    floatVariant(shape, { rows: 32, keys: 32, room: 13 * 1024 }),
  ];
  return lines.filter((line) => line !== undefined).filter(({ bytes }) => bytes <= workgroupBytes);
}

/** On tensor cores, for heads and groups that they can share evenly, `across` matrices to a tile's keys. */
function matrixVariant(
  { headDim, group, cache }: HeadShape,
  matrices: MatrixShape,
  across: number,
): AttentionVariant | undefined {
  const { M, N, K, SUBGROUP, element } = matrices;
  const keys = across * Math.max(N, K);
  const share = Math.max(M, SUBGROUP / 2);
  const divides = headDim % 32 === 0 && headDim % keys === 0 && SUBGROUP % share === 0;
  if (!divides || element !== 'f16' || cache !== 'f16' || ![1, 2, 4].includes(group)) return undefined;
  const rows = 4 * share;
  const tile = keys * (headDim / 4 + 2) * 8 + headDim * (keys / 4 + 2) * 8; // keys and values
  const scores = rows * (keys / 4 + 2) * (16 + 8); // and weights
  return {
    name: `matrices, ${keys} keys`,
    shaders: ['attention/matrix'],
    constants: { HEAD_DIM: headDim, GROUP: group, M, N, K, SUBGROUP, SHARE: share, KEYS: keys },
    tokens: rows / group,
    operand: 'halves',
    bytes: tile + scores + 4 * SUBGROUP * 4 + (rows / group) * 4 + 32,
  };
}

/** In 32 bits, with `rows` queries to a workgroup, `keys` keys to a tile and `room` bytes for what is staged. */
function floatVariant(
  { headDim, group, cache }: HeadShape,
  { rows, keys, room }: { rows: number; keys: number; room: number },
): AttentionVariant | undefined {
  const quads = room / 16;
  const slice = sliceOf(headDim, quads / (rows + keys));
  const weights = keys * odd(rows / 4);
  const values = [32, 16, 8, 4].find((count) => weights + (count * headDim) / 4 <= quads);
  if (!slice || !values || group > rows) return undefined;
  const tokens = Math.floor(rows / group);
  return {
    name: `32-bit, ${rows} queries, ${keys} keys`,
    shaders: [cache === 'f16' ? 'attention/cache-f16' : 'attention/cache-f32', 'attention/float'],
    constants: { HEAD_DIM: headDim, GROUP: group, ROWS: rows, KEYS: keys, SLICE: slice, VALUES: values },
    tokens,
    operand: 'floats',
    bytes: room + rows * 4 * 16 + tokens * 4 + 16,
  };
}

/** The largest part of a head, in dimensions, that divides it and rests in `quads` vectors of four at most. */
function sliceOf(headDim: number, quads: number): number | undefined {
  for (let size = headDim; size >= 4; size -= 4) {
    if (headDim % size === 0 && odd(size / 4) <= quads) return size;
  }
  return undefined;
}

/** The odd stride of a row of `quads` vectors. */
function odd(quads: number): number {
  return quads | 1;
}
