/** Python, for clients that are written in it. `PYTHON` names another than the one that is found first. */
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';

export const PYTHON = process.env.PYTHON ?? 'python3';

/** Without proxies and settings of the tests' own terminal. */
const ENVIRONMENT = { PATH: process.env.PATH, NO_COLOR: '1', PYTHONWARNINGS: 'ignore' };

/** Runs it in the folder of temporary files, where it may leave what it likes. */
export function runPython(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = {
      cwd: tmpdir(),
      env: { ...ENVIRONMENT, ...env },
      maxBuffer: Number.POSITIVE_INFINITY,
    };
    execFile(PYTHON, args, options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) || 1 : 0, stdout, stderr });
    });
  });
}

/** Whether there is no Python, or none that has the package. */
export async function pythonLacks(name: string): Promise<boolean> {
  const found = `import importlib.util, sys; sys.exit(importlib.util.find_spec(${JSON.stringify(name)}) is None)`;
  return (await runPython(['-c', found])).code !== 0;
}
