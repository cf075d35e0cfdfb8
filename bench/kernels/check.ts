/** The kernels of bounds.json against what is expected of them, without bounds checks. */
import { readFile } from 'node:fs/promises';
import { GPUS } from './gpus.js';
import { matricesPerInstruction, measure, productsPerInstruction, type Result } from './results.js';

/** The figures that may be bounded, and on which side. */
const BOUNDED = {
  registers: { side: 'at most', figureOf: ({ registers }: Result) => registers },
  spills: { side: 'at most', figureOf: ({ spills }: Result) => spills },
  cycles: { side: 'at most', figureOf: ({ cycles }: Result) => cycles },
  barriers: { side: 'at most', figureOf: ({ loop }: Result) => loop?.barriers },
  occupancy: { side: 'at least', figureOf: ({ occupancy }: Result) => occupancy },
  productsPerInstruction: { side: 'at least', figureOf: productsPerInstruction },
  matricesPerInstruction: { side: 'at least', figureOf: matricesPerInstruction },
} as const;

type Bounds = Readonly<Partial<Record<keyof typeof BOUNDED, number>>>;

/** Each GPU's kernels by name. */
export type Expected = Readonly<Record<string, Readonly<Record<string, Bounds>>>>;

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
  return Object.entries(bounds).flatMap(([name, bound]) => {
    const { side, figureOf } = BOUNDED[name as keyof Bounds];
    const figure = figureOf(result) ?? Number.NaN; // which neither side holds for
    const holds = side === 'at most' ? figure <= bound : figure >= bound;
    return holds ? [] : [`${name} ${Number(figure.toFixed(3))}, expected ${bound} ${side}`];
  });
}
