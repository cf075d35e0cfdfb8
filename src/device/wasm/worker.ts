/** A worker thread: takes the kernels once, and says so; then runs its share of each program. */
import type { KernelExports } from './kernels.js';
import type { Program } from './pool.js';

type Message =
  | { readonly module: WebAssembly.Module; readonly memory: WebAssembly.Memory }
  | { readonly program: Program; readonly thread: number; readonly threads: number };

let kernels: KernelExports | undefined;

self.onmessage = ({ data }: MessageEvent<Message>) => {
  if ('module' in data) {
    const instance = new WebAssembly.Instance(data.module, { env: { memory: data.memory } });
    kernels = instance.exports as unknown as KernelExports;
    self.postMessage('ready');
    return;
  }
  const { program, thread, threads } = data;
  const scratch = program.scratch + thread * program.scratchBytes;
  kernels?.run(program.address, program.steps, program.barrier, threads, scratch);
  self.postMessage(thread);
};
