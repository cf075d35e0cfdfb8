/** Ranks documents with the embedded model, and again so that each says something new. */
import { ListwiseError, Reranker } from 'listwise';

const documents = [
  'A chess engine without a board.',
  'Retouch photographs and compose pictures.',
  'Retouch and compose photographs and pictures.',
  'View pictures in a terminal.',
];

await using reranker = await Reranker.load();

const ranking = await reranker.rerank('edit photos', documents, { topN: 2 });
for (const { index, relevanceScore, document } of ranking) {
  console.log(index, relevanceScore.toFixed(2), document);
}

const diverse = await reranker.rerank('edit photos', documents, { topN: 2, diversity: 0.8 });
console.log(diverse.map(({ document }) => document).join(' '));

try {
  await reranker.rerank('', documents);
} catch (error) {
  if (error instanceof ListwiseError) console.log(`${error.code}: ${error.message}`);
}

// Prints:
// 2 0.14 Retouch and compose photographs and pictures.
// 1 0.14 Retouch photographs and compose pictures.
// Retouch photographs and compose pictures. View pictures in a terminal.
// invalid-input: The query is empty, expected some text.
