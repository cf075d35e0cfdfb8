import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { Reranker } from '../../src/reranker/reranker.js';
import { tinyCheckpoint } from '../support/tiny-checkpoint.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Bytes that stay in use, on the heap and beside it. What has a finaliser goes in a second round. */
async function heldBytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await setTimeout(10);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

it('1000 requests in a row leave memory where it was', async () => {
  await using reranker = await Reranker.load(await tinyCheckpoint(), { device: 'wasm', threads: 1 });
  const rerank = async (count: number) => {
    for (let i = 0; i < count; i++) await reranker.rerank('q', ['d'], { returnEmbeddings: true });
  };
  await rerank(100); // until everything is compiled and every cache is filled
  const { deviceBytes } = reranker;
  const before = await heldBytes();
  await rerank(1000);
  expect(reranker.deviceBytes).toBe(deviceBytes);
  expect((await heldBytes()) - before).toBeLessThan(2_000_000); // 2 kB a request
});
