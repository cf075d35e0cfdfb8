/** The page's panel of models, and models that a hub has for it. */
import type { Page } from 'playwright-core';
import { tinyFiles } from './hub-models.js';
import type { RepositoryFiles } from './hub-server.js';
import { bf16, writeSafetensors } from './safetensors-writer.js';
import { tinyTensors } from './tiny-checkpoint.js';

export const JINA = 'jinaai/jina-reranker-v3';

/**
 * Of jina-reranker-v3's layout, and of three parts of 16 MiB: a head for words, which readers of checkpoints leave out,
 * makes it that large.
 */
export async function jinaFiles(): Promise<RepositoryFiles> {
  const head = bf16([18_000, 1024], new Float32Array(18_000 * 1024));
  const weights = writeSafetensors({ ...tinyTensors(), 'lm_head.weight': head });
  return { ...(await tinyFiles()), 'model.safetensors': weights };
}

/** Of an architecture that is not computed here. */
export async function bertFiles(): Promise<RepositoryFiles> {
  const config = { model_type: 'bert', hidden_size: 64 };
  return { ...(await tinyFiles()), 'config.json': new TextEncoder().encode(JSON.stringify(config)) };
}

export async function openPanel(page: Page): Promise<void> {
  if (!(await page.locator('#models').evaluate((panel: HTMLDetailsElement) => panel.open))) {
    await page.click('#models summary');
  }
}

/** Looks at jina-reranker-v3 and agrees to its licence. */
export async function chooseJina(page: Page): Promise<void> {
  await openPanel(page);
  await page.check('input[value="jina"]');
  await page.locator('#model-action').waitFor();
  await page.check('#model-licence input');
}

export async function startDownload(page: Page): Promise<void> {
  await page.locator('#model-action:enabled', { hasText: /ownload/ }).click();
}

/** Looks for a model by its name. */
export async function lookUp(page: Page, name: string): Promise<void> {
  await openPanel(page);
  await page.check('input[value="hub"]');
  await page.fill('#model-name', name);
  await page.click('#model-lookup button');
}

/** Waits until a model ranks. */
export async function inUse(page: Page, name: RegExp): Promise<void> {
  await page.locator('#model-in-use', { hasText: name }).waitFor();
}

export async function says(page: Page, words: RegExp): Promise<void> {
  await page.locator('#model-status, #model-error, #model-there', { hasText: words }).first().waitFor();
}
