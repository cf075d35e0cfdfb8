/**
 * Compiles kernels with the one compiler that Vulkan finds, and sends what comes of each to the process that started
 * this one (launch.ts), as messages: how many there will be, then each.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'webgpu';
import { requestAdapter } from '../../src/device/webgpu/adapter.js';
import { PRODUCT_DTYPES, supportedArithmetics } from '../gpu/settings.js';
import { type LoopFigures, loopFigures } from './meaning.js';
import { Recording, type Wanted } from './recording.js';

export interface Task {
  readonly boundsChecks: boolean;
  /** Parts of the names of the kernels that are wanted; with none, all are. */
  readonly kernels: readonly string[];
}

/** What came of a kernel. */
export interface Compiled {
  readonly kernel: string;
  /** As the compiler names them. */
  readonly statistics: Readonly<Record<string, number>>;
  /** Undefined where the compiler does not say. */
  readonly workgroupBytes: number | undefined;
  /** Undefined where the machine code is not understood, or has no loop that multiplies. */
  readonly loop: LoopFigures | undefined;
}

export type Message = { readonly total: number } | Compiled;

/** Switches of Dawn: what Node asks for, and what a page can't have off. */
const SWITCHES = ['allow_unsafe_apis', 'vulkan_enable_f16_on_nvidia'];
const WITHOUT_CHECKS = ['disable_robustness', 'disable_workgroup_init'];

const { boundsChecks, kernels } = JSON.parse(process.argv[2]!) as Task;
const switches = boundsChecks ? SWITCHES : [...SWITCHES, ...WITHOUT_CHECKS];
const gpu = create([`enable-dawn-features=${switches}`]);
Object.defineProperty(globalThis, 'navigator', { value: { gpu } }); // where listwise looks first

const wanted = new Map<string, Wanted>();
for (const arithmetic of supportedArithmetics(await requestAdapter())) {
  const recording = await Recording.open(arithmetic);
  for (const dtype of PRODUCT_DTYPES[arithmetic]) await recording.run(dtype);
  for (const each of recording.wanted) if (isWanted(each.kernel)) wanted.set(each.kernel, each);
}

const reports = await mkdtemp(join(tmpdir(), 'listwise-kernels-'));
process.env.COMPILER_REPORT = reports;
process.send!({ total: wanted.size } satisfies Message);
for (const { kernel, compile } of wanted.values()) {
  await compile();
  process.send!({ kernel, ...(await readReport()) } satisfies Message);
}
await rm(reports, { recursive: true });
process.exit(); // Dawn's threads would keep it

function isWanted(kernel: string): boolean {
  return kernels.length === 0 || kernels.some((part) => kernel.includes(part));
}

async function readReport(): Promise<Omit<Compiled, 'kernel'>> {
  const files = await readdir(reports);
  const read = (file: string) => readFile(join(reports, file), 'utf8');
  const statistics = JSON.parse(await read('statistics.json'));
  let workgroupBytes: number | undefined;
  let loop: LoopFigures | undefined;
  for (const file of files.filter((name) => name.endsWith('.txt'))) {
    const text = await read(file);
    const lineEnd = text.indexOf('\n');
    loop ??= loopFigures(text.slice(0, lineEnd), text.slice(lineEnd + 1));
    const shared = /^shared_size: (\d+)/m.exec(text)?.[1];
    if (shared) workgroupBytes = Number(shared);
  }
  for (const file of files) await rm(join(reports, file));
  return { statistics, workgroupBytes, loop };
}
