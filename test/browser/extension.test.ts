/** The extension of examples/, in a Chromium that takes extensions. */
import { expect, test } from 'vitest';
import { findChromium, PASSAGES, QUERY, testExtension } from '../hosts/extension.js';
import { loadEmbedded } from '../support/requests.js';

test('the extension ranks the open page as Node does, and shows the passage that was clicked', async ({
  skip,
}) => {
  const chromium = findChromium();
  if (!chromium) return skip('no Chromium that takes extensions was found here (CHROME_PATH can name one)');
  const { scores } = await testExtension(chromium);
  await using reranker = await loadEmbedded();
  const expected = await reranker.rerank(QUERY, PASSAGES, { topN: scores.length });
  for (const [place, { relevanceScore }] of expected.entries())
    expect(scores[place]).toBeCloseTo(relevanceScore, 2);
});
