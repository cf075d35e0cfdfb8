/** The results as Markdown: a section a GPU, a row a kernel. */
import { GPUS } from './gpus.js';
import { matricesPerInstruction, productsPerInstruction, type Result } from './results.js';

/** What a column shows of a kernel. */
type Column = readonly [title: string, text: (result: Result) => string];

export function tables(results: readonly Result[]): string {
  const gpus = [...new Set(results.map(({ gpu }) => gpu))];
  return `${gpus
    .map((gpu) => {
      const own = results.filter((result) => result.gpu === gpu);
      return `## ${GPUS[gpu]!.title}\n\n${table(columnsFor(gpu, own), own)}`;
    })
    .join('\n\n')}\n`;
}

function columnsFor(gpu: string, results: readonly Result[]): Column[] {
  const { occupancy, cycles } = GPUS[gpu]!;
  const compiler: Column[] = [
    ['registers', (result) => count(result.registers)],
    ['spills', (result) => count(result.spills)],
    [occupancy, (result) => count(result.occupancy)],
    [cycles, (result) => count(result.cycles)],
  ];
  const memory: Column[] = [['workgroup bytes', ({ workgroupBytes }) => count(workgroupBytes)]];
  const loop: Column[] = [
    ['products an instruction', (result) => ratio(productsPerInstruction(result))],
    ['matrices an instruction', (result) => ratio(matricesPerInstruction(result))],
    ['loads × bits', loads],
    ['barriers a tile', (result) => count(result.loop?.barriers)],
  ];
  return [
    ...compiler,
    ...(results.some(({ workgroupBytes }) => workgroupBytes !== undefined) ? memory : []),
    ...(results.some((result) => result.loop) ? loop : []),
  ];
}

/** Cells whose figure the bounds checks change have both: without / with. */
function table(columns: readonly Column[], results: readonly Result[]): string {
  const kernels = [...new Set(results.map(({ kernel }) => kernel))].sort();
  const rows = kernels.map((kernel) => {
    const both = results
      .filter((result) => result.kernel === kernel)
      .sort((a, b) => Number(a.boundsChecks) - Number(b.boundsChecks));
    return [kernel, ...columns.map(([, text]) => [...new Set(both.map(text))].join(' / '))];
  });
  const header = ['kernel', ...columns.map(([title]) => title)];
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** As in "8 × 128, 4 × 32 memory; 16 × 64 workgroup". */
function loads({ loop }: Result): string {
  const byMemory = new Map<string, string[]>();
  for (const [kind, times] of Object.entries(loop?.loads ?? {})) {
    const [memory, bits] = kind.split(' ') as [string, string];
    byMemory.set(memory, [...(byMemory.get(memory) ?? []), `${times} × ${bits}`]);
  }
  return [...byMemory].map(([memory, kinds]) => `${kinds.join(', ')} ${memory}`).join('; ') || '–';
}

function count(value: number | undefined): string {
  return value === undefined ? '–' : value.toLocaleString('en');
}

function ratio(value: number | undefined): string {
  return value ? value.toFixed(2) : '–';
}
