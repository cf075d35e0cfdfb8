/** LlamaIndex.TS: a retriever finds nodes, the reranker puts them in order, an answer is made from the best. */
import { MockLLM } from '@llamaindex/core/llms/mock';
import { RetrieverQueryEngine } from '@llamaindex/core/query-engine';
import { getResponseSynthesizer } from '@llamaindex/core/response-synthesizers';
import { BaseRetriever } from '@llamaindex/core/retriever';
import { MetadataMode, type NodeWithScore, TextNode } from '@llamaindex/core/schema';
import { Reranker } from 'listwise';
import { ListwiseRerank } from 'listwise/llamaindex';

/** Your index comes here, as index.asRetriever({ similarityTopK: 50 }). */
class Packages extends BaseRetriever {
  readonly texts: readonly string[];

  constructor(...texts: string[]) {
    super();
    this.texts = texts;
  }

  override async _retrieve(): Promise<NodeWithScore[]> {
    return this.texts.map((text) => ({ node: new TextNode({ text }) }));
  }
}

await using reranker = await Reranker.load();
const engine = new RetrieverQueryEngine(
  new Packages(
    'A chess engine.',
    'View pictures in a terminal.',
    'Retouch photographs and compose pictures.',
  ),
  getResponseSynthesizer('compact', { llm: new MockLLM({ responseMessage: 'Take gimp.' }) }), // and your LLM
  [new ListwiseRerank(reranker, { topN: 2 })],
);

const { message, sourceNodes = [] } = await engine.query({ query: 'edit photos' });
console.log(message.content);
for (const { node, score } of sourceNodes) console.log(score?.toFixed(2), node.getContent(MetadataMode.NONE));

// Prints:
// Take gimp.
// 0.14 Retouch photographs and compose pictures.
// 0.05 View pictures in a terminal.
