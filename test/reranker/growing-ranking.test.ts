/** Rankings that are heard while the prompts behind are still to be run. */
import { expect, test } from 'vitest';
import type { Ranking } from '../../src/reranker/ranking.js';
import { loadEmbedded } from '../support/requests.js';

const DOCUMENTS = Array.from({ length: 260 }, (_, i) => (i % 3 === 0 ? `Photo ${i}.` : `Tea ${i}.`));

test('after each block but the last, what was ranked so far is the ranking of those documents', async () => {
  await using reranker = await loadEmbedded();
  const heard: Ranking[] = [];
  const ranking = await reranker.rerank('photos', DOCUMENTS, { onRanking: (soFar) => heard.push(soFar) });
  expect(ranking).toHaveLength(260);
  expect(heard.map(({ length }) => length)).toEqual([125, 250]);
  for (const soFar of heard) {
    const alone = await reranker.rerank('photos', DOCUMENTS.slice(0, soFar.length));
    expect([...soFar]).toEqual([...alone]);
    expect(soFar.tokens).toBe(alone.tokens);
  }
});

test('a list of one block is heard once, at its end', async () => {
  await using reranker = await loadEmbedded();
  let heard = 0;
  await reranker.rerank('photos', DOCUMENTS.slice(0, 100), { onRanking: () => heard++ });
  expect(heard).toBe(0);
});
