/** Models of the visitor's own disk in the page: folders, .gguf files, and what is none. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { writeGguf } from '../../../golden/write-checkpoint.js';
import { IN_FIREFOX, NOT_IN_FIREFOX } from '../../support/browser.js';
import { inUse, openPanel, says } from '../../support/models-page.js';
import { rank } from '../../support/page-actions.js';
import { pageTest } from '../../support/page-test.js';
import { openSite } from '../../support/site.js';
import { TINY_CONFIG, temporaryFolder, tinyCheckpoint, tinyFolder } from '../../support/tiny-checkpoint.js';

const site = await openSite({ webgpu: false });
afterAll(() => site?.close());

const test = pageTest(site);
test.beforeEach(async ({ page }) => {
  await openPanel(page);
  await page.check('input[value="own"]');
});

test('a folder of a model ranks, in the dtype that is chosen, and nothing is sent anywhere', async ({
  page,
  visit,
  skip,
}) => {
  skip(IN_FIREFOX, NOT_IN_FIREFOX.folders);
  await page.setInputFiles('#model-folder-input', await tinyFolder());
  await page.check('input[value="q8"]');
  await page.click('#model-action');
  await inUse(page, /, q8$/);
  await rank(page);
  expect(visit.requests.filter((url) => !url.startsWith(site!.url) && !url.startsWith('blob:'))).toEqual([]);
  await page.check('input[value="embedded"]');
  await inUse(page, /^embedded$/);
  await rank(page);
});

test('a .gguf file with its projector ranks, its config and tokenizer in its metadata', async ({ page }) => {
  const folder = await temporaryFolder();
  await writeGguf(await tinyCheckpoint(), folder, 'Q8_0', 'metadata');
  await page.setInputFiles('#model-files-input', [
    join(folder, 'model.gguf'),
    join(folder, 'projector.safetensors'),
  ]);
  await page.click('#model-action');
  await inUse(page, /^model\.gguf/);
  await rank(page);
});

test('a .gguf file without its projector gets a sentence that says where that is', async ({ page }) => {
  const folder = await temporaryFolder();
  await writeGguf(await tinyCheckpoint(), folder, 'Q8_0', 'metadata');
  await page.setInputFiles('#model-files-input', join(folder, 'model.gguf'));
  await page.click('#model-action');
  await says(page, /There is no projector\.safetensors beside.*where the file was published/);
  await rank(page);
});

test('a folder that is no model gets a sentence, and the page works as before', async ({ page, skip }) => {
  skip(IN_FIREFOX, NOT_IN_FIREFOX.folders);
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'notes.txt'), 'Brew tea.');
  await page.setInputFiles('#model-folder-input', folder);
  await page.click('#model-action');
  await says(page, /There is no config\.json in .*A model folder holds/);
  await rank(page);
  expect(await page.textContent('#model-in-use')).toBe('embedded');
});

test('a model of another architecture is turned away by its config', async ({ page, skip }) => {
  skip(IN_FIREFOX, NOT_IN_FIREFOX.folders);
  await page.setInputFiles(
    '#model-folder-input',
    await tinyFolder({ config: { ...TINY_CONFIG, model_type: 'llama' } }),
  );
  await says(page, /model_type is "llama".*listwise runs jina-reranker-v3/);
  expect(await page.isHidden('#model-action')).toBe(true);
  await rank(page);
});

test('a folder that is dropped on the panel is a model', async ({ page, skip }) => {
  skip(IN_FIREFOX, NOT_IN_FIREFOX.folders);
  const folder = await tinyFolder();
  const { x, y, width, height } = (await page.locator('#model-own').boundingBox())!;
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', { type, x: x + width / 2, y: y + height / 2, data });
  }
  await page.click('#model-action');
  await inUse(page, /, f16$/);
  await rank(page);
});

test('files that are dropped on the panel are a model, not documents', async ({ page }) => {
  const dataTransfer = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['no model'], 'photo.gguf'));
    return transfer;
  });
  await page.dispatchEvent('main', 'dragenter', { dataTransfer });
  await page.dispatchEvent('#model-own', 'dragover', { dataTransfer });
  await page.dispatchEvent('#model-own', 'drop', { dataTransfer });
  await page.locator('#model-about', { hasText: /photo\.gguf/ }).waitFor();
  expect(await page.locator('#drop.shown').count()).toBe(0);
  expect(await page.textContent('#count')).toBe('8 documents');
});

test('workers obey the policy of the page, whatever headers they come with', async ({ page, skip }) => {
  skip(IN_FIREFOX, NOT_IN_FIREFOX.workers);
  const workers = page.workers();
  expect(workers.length).toBeGreaterThan(0);
  for (const worker of workers) {
    const refused = await worker.evaluate(async () => {
      const violation = new Promise<string>((resolve) => {
        addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
        setTimeout(resolve, 20_000, 'nothing');
      });
      await fetch('https://elsewhere.invalid/', { mode: 'no-cors' }).catch(() => {});
      return violation;
    });
    expect(refused).toBe('connect-src');
  }
});
