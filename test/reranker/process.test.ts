/** What loading does to its process: the full shape, from a sparse file of zeros, without a second copy of it. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SyntheticStore } from '../../golden/synthetic.js';
import { goldenJson } from '../../golden/values.js';
import { safetensorsHeader, tensorShapes } from '../../golden/write-checkpoint.js';
import { TESTED_DEVICES } from '../support/devices.js';

const CONFIG = 'jina-reranker-v3.config.json';
const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

const hasGpu = TESTED_DEVICES.some(({ name }) => name === 'webgpu');

/** What loads, and says how much memory it took at most. */
const LOADER = `
const { Reranker } = await import(${JSON.stringify(path('dist/node.js'))});
const reranker = await Reranker.load(process.argv[1], { device: 'wasm', dtype: process.argv[2] });
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ peakBytes, atRest: reranker.deviceBytes }));
await reranker.dispose();
`;

/** The embedded tokenizer with its first merges only: what weights take is measured here, not what a vocabulary does. */
async function smallTokenizer(): Promise<string> {
  const tokenizer = JSON.parse(await readFile(path('weights/tokenizer.json'), 'utf8'));
  const { vocab, merges } = tokenizer.model as { vocab: Record<string, number>; merges: unknown[] };
  const kept = Object.entries(vocab).filter(([, id]) => id < 12_000);
  const model = {
    ...tokenizer.model,
    vocab: Object.fromEntries(kept),
    merges: merges.slice(0, 12_000 - 256),
  };
  return JSON.stringify({ ...tokenizer, model });
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'listwise-full-'));
  await copyFile(path(`golden/${CONFIG}`), join(folder, 'config.json'));
  await copyFile(path('weights/tokenizer_config.json'), join(folder, 'tokenizer_config.json'));
  await writeFile(join(folder, 'tokenizer.json'), await smallTokenizer());
  const shapes = tensorShapes({ config: goldenJson(CONFIG), tensors: new SyntheticStore() });
  const { bytes, dataBytes } = safetensorsHeader(shapes);
  const file = await open(join(folder, 'model.safetensors'), 'w');
  await file.write(bytes);
  await file.truncate(bytes.length + dataBytes);
  await file.close();
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  ['q4', 275e6],
  ['q8', 490e6],
  ['f32', 1760e6],
])('a checkpoint of 1.2 GB loads in %s with at most 150 MB beside its weights', async (dtype, bytes) => {
  const args = ['--input-type=module', '--eval', LOADER, folder, dtype];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { peakBytes, atRest } = JSON.parse(stdout);
  expect(atRest).toBeGreaterThan(bytes);
  expect(peakBytes - atRest).toBeLessThan(150e6);
});

test.runIf(hasGpu)(
  'weights go to a GPU tensor by tensor: the process grows by no more than what the GPU holds',
  { tags: 'gpu' },
  async () => {
    // A GPU in software holds them in this process, so that growth is theirs and at most 100 MB beside.
    const script = `
    const { Reranker } = await import(${JSON.stringify(path('dist/node.js'))});
    const controller = new AbortController();
    let early;
    const onProgress = ({ phase, done, total }) => {
      const { rss } = process.memoryUsage();
      if (phase === 'load' && done === 2) early = rss;
      if (phase !== 'load' || done < total) return;
      console.log(rss - early);
      controller.abort();
    };
    const options = { device: 'webgpu', dtype: 'bf16', onProgress, signal: controller.signal };
    await Reranker.load(process.argv[1], options).catch(() => {});`;
    const args = ['--input-type=module', '--eval', script, folder];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const layer = 2 * (4096 * 1024 + 1024 * 2048 + 3 * 1024 * 3072); // bytes in bf16
    expect(Number(stdout)).toBeLessThan(26 * layer + 100e6);
  },
);

test.runIf(hasGpu)(
  'a process that forgets to dispose of a GPU ends by itself',
  { tags: 'gpu' },
  async ({ signal }) => {
    const script = `
    const { Reranker } = await import(${JSON.stringify(path('dist/node.js'))});
    const reranker = await Reranker.load(undefined, { device: 'webgpu' });
    console.log((await reranker.rerank('a query', ['a document'])).length);`;
    const args = ['--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { signal });
    expect(stdout).toBe('1\n');
  },
);

test('threads start whatever flags the process itself was started with', async () => {
  const script = `
    const { Reranker } = await import(${JSON.stringify(path('dist/node.js'))});
    const reranker = await Reranker.load(undefined, { device: 'wasm' });
    const ranking = await reranker.rerank('a query', ['a document']);
    await reranker.dispose();
    console.log(ranking.length);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  expect(stdout).toBe('1\n');
});
