/** The kernels of bounds.json against what is expected of them, without bounds checks. */
import { readFile } from 'node:fs/promises';
import { GPUS } from './gpus.js';
import { matricesPerInstruction, measure, productsPerInstruction, type Result } from './results.js';

/** What a figure may be at most, or at least. Whatever is left out may be anything. */
interface Bounds {
  readonly registers?: number;
  readonly spills?: number;
  readonly cycles?: number;
  readonly barriers?: number;
  readonly occupancy?: number;
  readonly productsPerInstruction?: number;
  readonly matricesPerInstruction?: number;
}

/** Each GPU's kernels by name. */
export type Expected = Readonly<Record<string, Readonly<Record<string, Bounds>>>>;

const AT_MOST = {
  registers: ({ registers }: Result) => registers,
  spills: ({ spills }: Result) => spills,
  cycles: ({ cycles }: Result) => cycles,
  barriers: ({ loop }: Result) => loop?.barriers,
} as const;

const AT_LEAST = {
  occupancy: ({ occupancy }: Result) => occupancy,
  productsPerInstruction,
  matricesPerInstruction,
} as const;

export async function expectedBounds(): Promise<Expected> {
  return JSON.parse(await readFile(new URL('../../bench/kernels/bounds.json', import.meta.url), 'utf8'));
}

/** Compiles a GPU's kernels that something is expected of. Gives a line for each bound that is missed. */
export async function check(
  gpu: string,
  expected: Expected,
  onProgress?: (done: number, total: number) => void,
): Promise<string[]> {
  const own = expected[gpu] ?? {};
  const task = { boundsChecks: false, kernels: Object.keys(own) };
  const results = await measure(gpu, task, onProgress);
  return Object.entries(own).flatMap(([kernel, bounds]) => {
    const result = results.find((other) => other.kernel === kernel);
    const found = result ? misses(result, bounds) : ['is not among the kernels'];
    return found.map((miss) => `${GPUS[gpu]!.title}: ${kernel}: ${miss}`);
  });
}

/** What is not as it should be, in words. A figure that the compiler does not give misses its bound. */
export function misses(result: Result, bounds: Bounds): string[] {
  const missed: string[] = [];
  const rounded = (figure: number | undefined) => figure && Number(figure.toFixed(3));
  for (const [name, figureOf] of Object.entries(AT_MOST)) {
    const [bound, figure] = [bounds[name as keyof typeof AT_MOST], figureOf(result)];
    if (bound !== undefined && !(figure !== undefined && figure <= bound))
      missed.push(`${name} ${rounded(figure)}, expected ${bound} at most`);
  }
  for (const [name, figureOf] of Object.entries(AT_LEAST)) {
    const [bound, figure] = [bounds[name as keyof typeof AT_LEAST], figureOf(result)];
    if (bound !== undefined && !(figure !== undefined && figure >= bound))
      missed.push(`${name} ${rounded(figure)}, expected ${bound} at least`);
  }
  return missed;
}
