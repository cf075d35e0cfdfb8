/** The GPUs whose compilers are asked, and what these call the figures that count. */

export interface Gpu {
  readonly title: string;
  /** Mesa's driver, and the shim that answers in place of the kernel's. */
  readonly driver: string;
  readonly shim: string;
  /** Which GPU the shim claims to be. */
  readonly environment: Readonly<Record<string, string>>;
  /** What `cycles` and `occupancy` mean here. */
  readonly cycles: string;
  readonly occupancy: string;
  /** The compiler's statistics that add up to a figure. */
  readonly statistics: Readonly<Record<keyof CompilerFigures, readonly string[]>>;
}

/** What a compiler says of a kernel. */
export interface CompilerFigures {
  readonly registers: number;
  readonly spills: number;
  readonly occupancy: number;
  readonly cycles: number;
}

export const GPUS: Readonly<Record<string, Gpu>> = {
  navi31: {
    title: 'AMD Navi 31 (RDNA 3), by RADV',
    driver: 'radeon',
    shim: 'amdgpu',
    environment: { AMDGPU_GPU_ID: 'navi31' },
    cycles: 'inverse throughput',
    occupancy: 'subgroups a SIMD',
    statistics: {
      registers: ['VGPRs'],
      spills: ['Spilled VGPRs', 'Spilled SGPRs'],
      occupancy: ['Subgroups per SIMD'],
      cycles: ['Inverse Throughput'],
    },
  },
  ada: {
    title: 'NVIDIA Ada, by NVK',
    driver: 'nouveau',
    shim: 'nouveau',
    environment: { NOUVEAU_CHIPSET: '194', NVK_I_WANT_A_BROKEN_VULKAN_DRIVER: '1' },
    cycles: 'static cycles',
    occupancy: 'warps an SM',
    statistics: {
      registers: ['Number of GPRs'],
      spills: ['Spills to memory', 'Spills to reg'],
      occupancy: ['Max warps/SM'],
      cycles: ['Static cycle count'],
    },
  },
  m1: {
    title: 'Apple M1, by Honeykrisp',
    driver: 'asahi',
    shim: 'asahi',
    environment: {},
    cycles: 'arithmetic cycles',
    occupancy: 'threads a core',
    statistics: { registers: ['GPRs'], spills: ['Spills'], occupancy: ['Threads'], cycles: ['ALU'] },
  },
  adreno730: {
    title: 'Qualcomm Adreno 730, by Turnip',
    driver: 'freedreno',
    shim: 'freedreno',
    environment: { FD_GPU_ID: '730' },
    cycles: 'stalled cycles',
    occupancy: 'waves a core',
    statistics: {
      registers: ['Registers used'],
      spills: ['STP Count'],
      occupancy: ['Max Waves Per Core'],
      cycles: ['Estimated cycles stalled on SS', 'Estimated cycles stalled on SY'],
    },
  },
};

/** Throws where the compiler does not say what is asked. */
export function compilerFigures(gpu: Gpu, statistics: Readonly<Record<string, number>>): CompilerFigures {
  const figure = (names: readonly string[]) =>
    names.reduce((sum, name) => {
      const value = statistics[name];
      if (value === undefined) throw new Error(`${gpu.title} gives no statistic "${name}".`);
      return sum + value;
    }, 0);
  const { registers, spills, occupancy, cycles } = gpu.statistics;
  return {
    registers: figure(registers),
    spills: figure(spills),
    occupancy: figure(occupancy),
    cycles: figure(cycles),
  };
}
