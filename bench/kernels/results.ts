/** What a GPU's compiler makes of the kernels. */
import type { Task } from './compile.js';
import { type CompilerFigures, compilerFigures, GPUS } from './gpus.js';
import { compile } from './launch.js';
import type { LoopFigures } from './meaning.js';

export interface Result extends CompilerFigures {
  readonly gpu: string;
  readonly kernel: string;
  readonly boundsChecks: boolean;
  readonly workgroupBytes: number | undefined;
  readonly loop: LoopFigures | undefined;
}

export async function measure(
  gpu: string,
  task: Task,
  onProgress?: (done: number, total: number) => void,
): Promise<Result[]> {
  const compiled = await compile(GPUS[gpu]!, task, onProgress);
  return compiled.map(({ kernel, statistics, workgroupBytes, loop }) => ({
    gpu,
    kernel,
    boundsChecks: task.boundsChecks,
    ...compilerFigures(GPUS[gpu]!, statistics),
    workgroupBytes,
    loop,
  }));
}

export function productsPerInstruction({ loop }: Result): number | undefined {
  return loop && loop.products / loop.instructions;
}

export function matricesPerInstruction({ loop }: Result): number | undefined {
  return loop && loop.matrixProducts / loop.instructions;
}
