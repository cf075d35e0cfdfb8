/**
 * Every program in examples/ as a user runs it: in a project that has listwise installed, in a process of its own.
 * It must print what the comment at its end says, line by line.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { ENVIRONMENT } from '../support/command.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLES = join(ROOT, 'examples');
const PROJECT = join(ROOT, 'build/examples');

const names = (await readdir(EXAMPLES))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

/** Node 20 reads no TypeScript. Packages stay imports, which the project and the folders above it resolve. */
beforeAll(async () => {
  await rm(PROJECT, { recursive: true, force: true });
  await install();
  await esbuild.build({
    entryPoints: names.map((name) => join(EXAMPLES, `${name}.ts`)),
    outdir: PROJECT,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  });
});

/** What `npm install listwise` leaves: the package and its command. */
async function install(): Promise<void> {
  const modules = join(PROJECT, 'node_modules');
  await mkdir(join(modules, '.bin'), { recursive: true });
  await symlink(ROOT, join(modules, 'listwise'));
  await symlink('../listwise/dist/cli.js', join(modules, '.bin/listwise'));
}

/** The lines after `// Prints:`, which end the file. */
function promised(source: string): string {
  const [, comment] = /\n\/\/ Prints:\n((?:\/\/ .*\n)+)$/.exec(source) ?? [];
  if (comment === undefined)
    throw new Error('The example does not end with a comment that says what it prints.');
  return comment.replaceAll(/^\/\/ /gm, '');
}

test.each(names)('%s prints what it says', async (name) => {
  const options = { cwd: PROJECT, env: ENVIRONMENT };
  const { stdout } = await promisify(execFile)(process.execPath, [`${name}.js`], options);
  expect(stdout).toBe(promised(await readFile(join(EXAMPLES, `${name}.ts`), 'utf8')));
});
