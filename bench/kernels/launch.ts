/** Starts the program that compiles on one of the GPUs' compilers, with Mesa's libraries instead of the system's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Compiled, Message, Task } from './compile.js';
import type { Gpu } from './gpus.js';

/** Where setup.sh puts the compilers. */
const FOLDER = process.env.LISTWISE_GPU_COMPILERS ?? join(homedir(), '.cache/listwise/gpu-compilers');

/** Why the compilers can't be asked here, or undefined where they can. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return "GPUs' compilers run on Linux x64 alone";
  if (!existsSync(join(FOLDER, 'layer.so')))
    return "GPUs' compilers are not installed: bash bench/kernels/setup.sh";
  return undefined;
}

/** `node build.mjs bench` makes it. */
const PROGRAM = fileURLToPath(new URL('../../build/kernels/compile.js', import.meta.url));

/** `onProgress` hears how many of how many are done. Throws with what the program said when it fails. */
export async function compile(
  { driver, shim, environment }: Gpu,
  task: Task,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Compiled[]> {
  const root = join(FOLDER, 'root/usr');
  const libraries = join(root, 'lib/x86_64-linux-gnu');
  const loader = [
    ...['--library-path', libraries],
    ...['--preload', join(libraries, `lib${shim}_noop_drm_shim.so`)],
  ];
  const child = spawn(
    join(root, 'lib64/ld-linux-x86-64.so.2'),
    [...loader, process.execPath, PROGRAM, JSON.stringify(task)],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...process.env,
        ...environment,
        VK_DRIVER_FILES: join(root, `share/vulkan/icd.d/${driver}_icd.json`),
        VK_LAYER_PATH: FOLDER,
        VK_INSTANCE_LAYERS: 'VK_LAYER_LISTWISE_compiler_report',
        MESA_SHADER_CACHE_DISABLE: 'true',
      },
    },
  );
  let complaint = '';
  child.stderr!.on('data', (text) => {
    complaint += text;
  });
  const compiled: Compiled[] = [];
  let total = 0;
  child.on('message', (message: Message) => {
    if ('total' in message) total = message.total;
    else compiled.push(message);
    onProgress(compiled.length, total);
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`The compiler's program ended with ${code}:\n${complaint.slice(-2000)}`);
  return compiled;
}
