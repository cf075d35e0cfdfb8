/** How products are computed where weights rest in f16. Sums are of 32-bit floats always. */

/**
 * - `f32`: values are widened, arithmetic is in 32 bits. Every GPU has it.
 * - `f16`: products, and sums of eight of them, are in 16 bits. Needs `shader-f16`. It is less exact, and not faster on
 *   every GPU: a device has it only where it was asked for.
 * - `matrix`: products are the tensor cores'. Needs experimental features that only Node can ask for.
 *
 * With the latter two, keys and values rest in f16 as well.
 */
export type Arithmetic = 'f32' | 'f16' | 'matrix';

/** Best first, as long as no GPU's own timing says otherwise. */
export const ARITHMETICS: readonly Arithmetic[] = ['matrix', 'f32', 'f16'];

export const ARITHMETIC_NAMES: Readonly<Record<Arithmetic, string>> = {
  matrix: 'tensor cores',
  f16: '16-bit arithmetic',
  f32: '32-bit arithmetic',
};

const REQUIRED_FEATURES: Readonly<Record<Arithmetic, readonly string[]>> = {
  matrix: ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'],
  f16: ['shader-f16'],
  f32: [],
};

/** The matrices of one instruction of the tensor cores: left [M, K], right [K, N], result [M, N]. */
export interface MatrixShape {
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

/** The features that the arithmetic needs of the adapter, or undefined if it lacks one. */
export function featuresFor(arithmetic: Arithmetic, gpu: GPUAdapter): GPUFeatureName[] | undefined {
  const features = REQUIRED_FEATURES[arithmetic];
  if (!features.every((feature) => gpu.features.has(feature))) return undefined;
  if (arithmetic === 'matrix' && !matrixShape(gpu.info)) return undefined;
  return [...features] as GPUFeatureName[];
}

/** The largest shape of matrices of f16 with sums of f32, if subgroups are all of one size and it divides the tiles. */
export function matrixShape(info: GPUAdapterInfo & MatrixInfo): MatrixShape | undefined {
  const { subgroupMinSize: SUBGROUP, subgroupMaxSize } = info;
  if (SUBGROUP !== subgroupMaxSize) return undefined;
  return [...(info.subgroupMatrixConfigs ?? [])]
    .filter(
      ({ componentType, resultComponentType }) => componentType === 'f16' && resultComponentType === 'f32',
    )
    .filter(({ M, N, K }) => [M, N, K].every((size) => 32 % size === 0))
    .sort((a, b) => b.M * b.N * b.K - a.M * a.N * a.K)
    .map(({ M, N, K }) => ({ M, N, K, SUBGROUP }))[0];
}
