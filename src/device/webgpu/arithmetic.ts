/** How products are computed where weights rest in less than f32. Sums are of 32-bit floats always. */

/**
 * - `f32`: values are widened, arithmetic is in 32 bits. Every GPU has it.
 * - `f16`: keys and values rest in 16 bits, and where weights rest in f16, products and sums of eight of them may be in
 *   16 bits, too, if the GPU's own timing says that this is faster: it is less exact. Needs `shader-f16`.
 * - `matrix`: products of f16 are the tensor cores', whichever of f16, bf16, q8 and q4 weights rest in. Needs
 *   experimental features that only Node can ask for.
 *
 * With the latter two, keys and values rest in f16 as well.
 */
export type Arithmetic = 'f32' | 'f16' | 'matrix';

/** Best first, as long as no GPU's own timing says otherwise. */
export const ARITHMETICS: readonly Arithmetic[] = ['matrix', 'f32', 'f16'];

export const ARITHMETIC_NAMES: Readonly<Record<Arithmetic, string>> = {
  matrix: 'tensor cores',
  f16: '32- and 16-bit arithmetic',
  f32: '32-bit arithmetic',
};

const REQUIRED_FEATURES: Readonly<Record<Arithmetic, readonly string[]>> = {
  matrix: ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'],
  f16: ['shader-f16'],
  f32: [],
};

/** The matrices of one instruction of the tensor cores: left [M, K], right [K, N], result [M, N] of f32. */
export interface MatrixShape {
  /** Of left and right. */
  readonly element: 'f16' | 'f32';
  readonly M: number;
  readonly N: number;
  readonly K: number;
  /** Threads that hold a matrix together. */
  readonly SUBGROUP: number;
}

/** What TypeScript does not know yet of the experimental feature. */
interface MatrixInfo {
  readonly subgroupMatrixConfigs?: readonly {
    readonly componentType: string;
    readonly resultComponentType: string;
    readonly M: number;
    readonly N: number;
    readonly K: number;
  }[];
}

/**
 * How a kernel reads rows of activations:
 * - `floats`: as they are
 * - `halves`: 16-bit floats, with a scale for each row
 * - `integers`: 8 bits, with a scale for each block of 32
 */
export type OperandForm = 'floats' | 'halves' | 'integers';

/** What of a device decides which kernels can serve. */
export interface Abilities {
  readonly arithmetic: Arithmetic;
  /** Of the tensor cores, where the arithmetic is theirs. */
  readonly matrices: MatrixShape | undefined;
  /** Whether the language has the dot product of four bytes. */
  readonly hasDot4: boolean;
  /** Who made the GPU, as WebGPU says it: `apple`, `nvidia`, … */
  readonly vendor: string;
  /** Bytes of workgroup memory that a kernel may have. */
  readonly workgroupBytes: number;
}

/** Fixes the size of subgroups where a GPU has several. */
export const SUBGROUP_SIZES = 'subgroup-size-control';

/** The features that the arithmetic needs of the adapter, or undefined if it lacks one. */
export function featuresFor(arithmetic: Arithmetic, gpu: GPUAdapter): GPUFeatureName[] | undefined {
  const features = [...REQUIRED_FEATURES[arithmetic]];
  if (!features.every((feature) => gpu.features.has(feature))) return undefined;
  if (arithmetic === 'matrix') {
    if (!matrixShape(gpu)) return undefined;
    if (gpu.features.has(SUBGROUP_SIZES)) features.push(SUBGROUP_SIZES);
  }
  return features as GPUFeatureName[];
}

/**
 * The largest shape with sums of f32 that divides the kernels' tiles, of f16 if there is one. Of several sizes of
 * subgroups it is the smallest: where a GPU has matrices, that one has them. For more than 32 threads tiles are too small.
 */
export function matrixShape({ info, features }: GPUAdapter): MatrixShape | undefined {
  const {
    subgroupMinSize: SUBGROUP,
    subgroupMaxSize,
    subgroupMatrixConfigs,
  } = info as GPUAdapterInfo & MatrixInfo;
  if (SUBGROUP > 32 || (SUBGROUP !== subgroupMaxSize && !features.has(SUBGROUP_SIZES))) return undefined;
  const shapes = [...(subgroupMatrixConfigs ?? [])]
    .filter(({ resultComponentType }) => resultComponentType === 'f32')
    .filter(({ M, N, K }) => 16 % M === 0 && [8, 16, 32].includes(N) && [8, 16, 32].includes(K))
    .sort((a, b) => b.M * b.N * b.K - a.M * a.N * a.K);
  for (const element of ['f16', 'f32'] as const) {
    const shape = shapes.find(({ componentType }) => componentType === element);
    if (shape) return { element, M: shape.M, N: shape.N, K: shape.K, SUBGROUP };
  }
  return undefined;
}
