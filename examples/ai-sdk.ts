/** The AI SDK's rerank() with a model in this process. */
import { rerank } from 'ai';
import { Reranker } from 'listwise';
import { type ListwiseProviderOptions, listwise } from 'listwise/ai-sdk';

await using reranker = await Reranker.load();

const { ranking } = await rerank({
  model: listwise(reranker),
  query: 'edit photos',
  documents: [
    'A chess engine without a board.',
    'Retouch photographs and compose pictures.',
    'View pictures in a terminal.',
  ],
  topN: 2,
  providerOptions: { listwise: { diversity: 0.5 } satisfies ListwiseProviderOptions },
});

for (const { originalIndex, score, document } of ranking) {
  console.log(originalIndex, score.toFixed(2), document);
}

// Prints:
// 1 0.14 Retouch photographs and compose pictures.
// 2 0.05 View pictures in a terminal.
