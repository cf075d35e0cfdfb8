/** What may go wrong with a machine while the page is open: it ends in a sentence and a page that works. */

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { IN_FIREFOX, NOT_IN_FIREFOX } from '../support/browser.js';
import { openPanel, says } from '../support/models-page.js';
import { addFiles, rank } from '../support/page-actions.js';
import { pageTest } from '../support/page-test.js';
import { openSite } from '../support/site.js';
import { TINY_CONFIG, tinyFolder, tinyTensors } from '../support/tiny-checkpoint.js';

const site = await openSite({ webgpu: true });
afterAll(() => site?.close());

const test = pageTest(site);

/** Ends the GPU's process, as a driver does that fails; returns when pages have heard of it. */
async function loseGpu(page: Page): Promise<void> {
  const lost = await page.evaluateHandle(async () => {
    const adapter = await navigator.gpu.requestAdapter();
    const device = await adapter!.requestDevice();
    return { heard: device.lost };
  });
  const devtools = await page.context().browser()!.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  for (const { type, id } of processInfo) if (type === 'GPU') process.kill(id, 'SIGKILL');
  await lost.evaluate(({ heard }) => heard.then(() => {}));
}

test('a GPU that is lost is opened anew, and between two queries nobody notices; lost for good, the CPU ranks', {
  tags: 'long',
  timeout: 600_000, // milliseconds: kernels are compiled twice
}, async ({ page, visit, skip }) => {
  skip(!(await visit.hasWebGpu()), 'this browser has no WebGPU');
  await page.selectOption('#device', 'webgpu');
  const query = await page.inputValue('#query');
  await rank(page);
  const before = await page.locator('.ranked .score').allTextContents();
  await loseGpu(page);
  await rank(page);
  expect(await page.locator('.ranked .score').allTextContents()).toEqual(before);
  expect(await page.textContent('#facts')).toContain('WebGPU');
  expect(await page.textContent('#error')).toBe('');

  await addFiles(page, { name: 'many.txt', content: 'Some document about photos.\n'.repeat(3000) });
  await page.locator('#rank').press('Enter');
  await page.locator('#pace', { hasText: '/s' }).waitFor();
  await loseGpu(page);
  await page.locator('#error', { hasText: /GPU was lost/ }).waitFor();
  expect(await page.inputValue('#query')).toBe(query);
  expect(await page.textContent('#count')).toBe('3,000 documents');
  await page.getByRole('button', { name: 'Remove many.txt' }).click();
  await page.fill('#documents', 'Edit photos.\nBrew tea.');
  await page.locator('#rank').press('Enter');
  await page.locator('#rank:enabled').waitFor();
  // Chromium gives no GPU any more to whom it was lost twice.
  if (await visit.hasWebGpu()) return;
  expect(await page.textContent('#error')).toMatch(/WebGPU finds no graphics card/);
  await page.selectOption('#device', 'automatic');
  await page.locator('#rank:enabled').waitFor();
  await rank(page);
  expect(await page.textContent('#facts')).toContain('WebAssembly');
  expect(await page.textContent('#error')).toBe('');
});

test('a model that is too large for WebAssembly ends in a sentence, and the one before ranks', async ({
  page,
  skip,
}) => {
  skip(IN_FIREFOX, NOT_IN_FIREFOX.folders);
  await page.selectOption('#device', 'wasm');
  await openPanel(page);
  await page.check('input[value="own"]');
  await page.setInputFiles('#model-folder-input', await hugeFolder());
  const f32 = page.locator('#model-dtypes label', { has: page.locator('input[value="f32"]') });
  expect(await f32.textContent()).toContain('may not fit');
  await f32.click();
  await page.click('#model-action');
  await says(page, /WebAssembly has no [\d,]+ MiB left.*q8/);
  expect(await page.textContent('#model-in-use')).toBe('embedded');
  await rank(page);
  expect(await page.locator('.ranked').count()).toBe(8);
});

/** Of one layer with a matrix that no memory of WebAssembly holds; the file is all holes. */
async function hugeFolder(): Promise<string> {
  const intermediate = 20_000_000;
  const config = { ...TINY_CONFIG, num_hidden_layers: 1, intermediate_size: intermediate };
  const folder = await tinyFolder({ config });
  const header: Record<string, unknown> = {};
  let position = 0;
  for (const [name, { shape }] of Object.entries(tinyTensors())) {
    if (name.includes('layers.1')) continue;
    const real = name.includes('down')
      ? [64, intermediate]
      : name.includes('mlp')
        ? [intermediate, 64]
        : shape;
    const bytes = 2 * real.reduce((a, b) => a * b);
    header[name] = { dtype: 'BF16', shape: real, data_offsets: [position, position + bytes] };
    position += bytes;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = await open(join(folder, 'model.safetensors'), 'w');
  await file.write(Buffer.concat([length, text]));
  await file.truncate(8 + text.length + position);
  await file.close();
  return folder;
}
