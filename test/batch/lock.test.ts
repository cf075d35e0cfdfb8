/** The lock of a file: one process has it, and none leaves it behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { lock } from '../../src/batch/lock.js';

/** Of no file. */
let made = 0n;
const someFile = () => ({ dev: BigInt(process.pid), ino: ++made });

/** Where a socket's name is a file, and where it is not. */
const PLATFORMS = process.platform === 'win32' ? (['win32'] as const) : (['linux', 'darwin'] as const);

test.each(PLATFORMS)('one at a time has it (%s)', async (platform) => {
  const [file, other] = [someFile(), someFile()];
  const mine = await lock(file, platform);
  expect(mine).toBeDefined();
  expect(await lock(file, platform)).toBeUndefined();
  using another = await lock(other, platform);
  expect(another).toBeDefined();
  mine![Symbol.dispose]();
  using theirs = await lock(file, platform);
  expect(theirs).toBeDefined();
});

test.each(PLATFORMS)('a process that is killed does not leave it behind (%s)', async (platform) => {
  const file = someFile();
  const module = new URL('../../src/batch/lock.ts', import.meta.url).pathname;
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { lock } from ${JSON.stringify(module)};
        const held = await lock({ dev: ${file.dev}n, ino: ${file.ino}n }, '${platform}');
        process.stdout.write(held ? 'held' : 'not held');
        setInterval(() => {}, 1000);`,
      resolveDir: '.',
    },
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', write: false },
  });
  const child = spawn(process.execPath, ['--input-type=module', '--eval', outputFiles[0]!.text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(child.stdout, 'data');
  expect(String(said)).toBe('held');
  expect(await lock(file, platform)).toBeUndefined();
  child.kill('SIGKILL');
  await once(child, 'exit');
  using mine = await lock(file, platform);
  expect(mine).toBeDefined();
});
