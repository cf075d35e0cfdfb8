/** `listwise inspect` as a user runs it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listwise } from '../support/command.js';

const LIST = [
  'why do cats purr?',
  'Cats purr when they are content.',
  'The stock market fell.',
  'Dogs bark.',
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'listwise-inspect-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('it prints the ranking and writes a report, a trace and its numbers', async () => {
  const out = join(folder, 'cats');
  const { code, stdout } = await listwise([
    'inspect',
    ...LIST,
    '--device',
    'wasm',
    '--out',
    out,
    '--attention',
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^1 {2}0\.\d+ .*Cats purr/);
  expect(stdout).toContain(`Open ${join(out, 'report.html')}`);
  expect((await readdir(out)).sort()).toEqual(['report.html', 'trace.json', 'trace.safetensors']);
  expect(await readFile(join(out, 'report.html'), 'utf8')).toContain(
    '<title>why do cats purr? · listwise</title>',
  );
  const numbers = JSON.parse(await readFile(join(out, 'trace.json'), 'utf8'));
  expect(numbers).toMatchObject({
    query: LIST[0],
    layers: 4,
    lens: expect.any(Array),
    masked: expect.any(Array),
  });
});

test('with --json it prints the numbers and writes nothing', async () => {
  const { stdout, stderr } = await listwise([
    ...['inspect', ...LIST, '--device', 'wasm', '--json', '--layers', '0,2-3'],
    ...['--mask', 'none', '--orders', '0'],
  ]);
  expect(stderr).toBe('');
  const { blocks, masked, orders } = JSON.parse(stdout);
  expect(blocks.layers.map(({ layer }: { layer: number }) => layer)).toEqual([0, 2, 3]);
  expect([masked, orders]).toEqual([undefined, undefined]);
});

test.each([
  [['--layers', '7'], /layers has 7; there are 4 layers, 0 to 3/],
  [['--layers', '3-1'], /Expected layers as in 0,3-5/],
  [['--mask', 'letter'], /letter/],
])('%o is refused in a line', async (args, message) => {
  const { code, stderr } = await listwise(['inspect', ...LIST, '--device', 'wasm', '--json', ...args]);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(message);
});

const python = promisify(execFile);
const READ = `
import sys
from safetensors import safe_open
with safe_open(sys.argv[1], 'np') as file:
    print(file.metadata()['format'], file.get_tensor('lens').shape, file.get_tensor('attention.3').sum(-1).round(4).min())
`;

test('Python reads the trace', async ({ skip }) => {
  const has = await python('python3', ['-c', 'import safetensors, numpy']).catch(() => undefined);
  if (!has) return skip('python3 has no safetensors here');
  const out = join(folder, 'python');
  await listwise(['inspect', ...LIST, '--device', 'wasm', '--out', out, '--attention']);
  const { stdout } = await python('python3', ['-c', READ, join(out, 'trace.safetensors')]);
  expect(stdout.trim()).toBe('listwise trace 1 (4, 3) 1.0');
});
