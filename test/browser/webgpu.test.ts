/** The page in a browser with WebGPU. */
import { afterAll, expect, test } from 'vitest';
import { NO_BROWSER } from '../support/browser.js';
import { openSite, type Visit } from '../support/site.js';

const site = await openSite({ webgpu: true });
afterAll(() => site?.close());

/** The scores as shown, best first, each with its document's number. */
async function rankOn({ page }: Visit, device: string): Promise<{ number: string; score: number }[]> {
  await page.selectOption('#device', device);
  await page.locator('#rank:enabled').waitFor();
  expect(await page.textContent('#error')).toBe('');
  await page.click('#rank');
  await page.locator('#rank:enabled').waitFor();
  expect(await page.textContent('#error')).toBe('');
  const numbers = await page.locator('.ranked .number').allTextContents();
  const scores = await page.locator('.ranked .score').allTextContents();
  return numbers.map((number, place) => ({ number, score: Number(scores[place]!.replace('−', '-')) }));
}

test('it ranks on WebGPU as on WebAssembly, one after the other in the same page', { tags: 'long' }, async ({
  skip,
}) => {
  if (!site) return skip(NO_BROWSER);
  const visit = await site.open();
  skip(!(await visit.hasWebGpu()), 'this browser has no WebGPU');

  const onGpu = await rankOn(visit, 'webgpu');
  expect(await visit.page.textContent('#facts')).toContain(' · WebGPU');
  const onCpu = await rankOn(visit, 'wasm');
  expect(await visit.page.textContent('#facts')).toContain(' · WebAssembly');

  expect(onGpu.length).toBeGreaterThan(0);
  expect(onGpu.map(({ number }) => number)).toEqual(onCpu.map(({ number }) => number));
  for (const [place, { score }] of onGpu.entries()) {
    expect(Math.abs(score - onCpu[place]!.score)).toBeLessThan(0.0015); // three decimals are shown
  }
  expect(visit.errors).toEqual([]);
});
