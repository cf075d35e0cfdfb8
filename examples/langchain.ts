/** LangChain.js: a vector store finds candidates, the reranker puts them in order. */
import { ContextualCompressionRetriever } from '@langchain/classic/retrievers/contextual_compression';
import { MemoryVectorStore } from '@langchain/classic/vectorstores/memory';
import { Document } from '@langchain/core/documents';
import { FakeEmbeddings } from '@langchain/core/utils/testing';
import { Reranker } from 'listwise';
import { ListwiseRerank } from 'listwise/langchain';

const documents = [
  new Document({ pageContent: 'A chess engine without a board.', metadata: { package: 'stockfish' } }),
  new Document({ pageContent: 'View pictures in a terminal.', metadata: { package: 'timg' } }),
  new Document({ pageContent: 'Retouch photographs and compose pictures.', metadata: { package: 'gimp' } }),
];

// Your embeddings come here; to these all texts are alike.
const store = await MemoryVectorStore.fromDocuments(documents, new FakeEmbeddings());

await using reranker = await Reranker.load();
const retriever = new ContextualCompressionRetriever({
  baseRetriever: store.asRetriever(50), // more than are wanted in the end
  baseCompressor: new ListwiseRerank(reranker, { topN: 2 }),
});

for (const { metadata } of await retriever.invoke('edit photos')) {
  console.log(metadata.package, metadata.relevanceScore.toFixed(2));
}

// Prints:
// gimp 0.14
// timg 0.05
