/** The command line as a user runs it: `dist/cli.js` in a process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const COMMAND = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** Only what a process needs, so that no setting of the tests' own terminal decides about colour. */
export const ENVIRONMENT = { PATH: process.env.PATH };

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function listwise(args: readonly string[], { stdin = '', env = {} } = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { env: { ...ENVIRONMENT, ...env }, maxBuffer: Number.POSITIVE_INFINITY };
    const child = execFile(process.execPath, [COMMAND, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
    child.stdin?.end(stdin);
  });
}
