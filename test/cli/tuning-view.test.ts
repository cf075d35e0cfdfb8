/** `listwise devices --tune`: what it prints, and what it says of GPUs that it does not time. */
import { expect, test } from 'vitest';
import { tuningView } from '../../src/cli/tuning-view.js';
import { listwise } from '../support/command.js';
import { softwareGpu } from '../support/software-gpu.js';

test('the fastest variant of each task is marked, and what was not timed says so', () => {
  const view = tuningView([
    {
      task: 'linear in q8, many rows',
      variants: [
        { name: 'integers', milliseconds: 4.5 },
        { name: 'matrices, 128 × 128', milliseconds: 1.234 },
      ],
    },
    { task: 'attention', variants: [{ name: '32-bit', milliseconds: undefined }] },
  ]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
  expect(view.replaceAll(/\u001b\[\d+m/g, '')).toBe(`
linear in q8, many rows
    integers                4.50 ms
  ✓ matrices, 128 × 128     1.23 ms

attention
    32-bit                not timed
`);
});

test('a GPU that the CPU imitates is not timed, and one line says why', async ({ skip }) => {
  const { VK_ICD_FILENAMES = '', LD_LIBRARY_PATH = '' } = { ...process.env, ...(await softwareGpu()) };
  skip(!VK_ICD_FILENAMES.includes('swiftshader'), 'SwiftShader is not the GPU here');
  const { code, stdout, stderr } = await listwise(['devices', '--tune'], {
    env: { VK_ICD_FILENAMES, LD_LIBRARY_PATH },
  });
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/no GPU but the CPU in disguise: its times say nothing of GPUs/);
});
