/** What a visitor of the page does. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

export interface GivenFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** By keyboard: where the page still scrolls to the last ranking, a click may miss the button. */
export async function rank(page: Page): Promise<void> {
  await page.locator('#rank:enabled').press('Enter');
  await page.locator('#status', { hasText: /^Ranked|geordnet\.$/ }).waitFor();
}

/** Chooses files in the dialog of the browser. */
export async function chooseFiles(page: Page, ...files: readonly GivenFile[]): Promise<void> {
  await page.setInputFiles(
    '#file',
    files.map(({ name, content }) => ({ name, mimeType: '', buffer: Buffer.from(content) })),
  );
}

/** Waits until they have become documents. */
export async function addFiles(page: Page, ...files: readonly GivenFile[]): Promise<void> {
  await chooseFiles(page, ...files);
  const last = files.at(-1)!.name;
  await page.locator('#status', { hasText: new RegExp(`^Took .*${last}|${last} aufgenommen`) }).waitFor();
}

/** All documents that will be ranked, with where they are from. */
export async function readDocuments(page: Page): Promise<{ text: string; source: string }[]> {
  await page.locator('#overview').evaluate((details: HTMLDetailsElement) => {
    details.open = true;
  });
  await page.locator('#overview-list > li').first().waitFor();
  return page.locator('#overview-list > li').evaluateAll((rows) =>
    rows.map((row) => ({
      text: row.querySelector('.text')!.textContent!,
      source: row.querySelector('.source')?.textContent ?? '',
    })),
  );
}

/** The page is as wide as its window, less a bar for scrolling where there is one. */
export async function expectNothingWider(page: Page, state = ''): Promise<void> {
  const [wide, window] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth];
  });
  expect(wide, state).toBe(window);
}
