/** For LlamaIndex.TS: a loaded reranker as a node postprocessor. */
import type { MessageContent } from '@llamaindex/core/llms';
import type { BaseNodePostprocessor } from '@llamaindex/core/postprocessor';
import { MetadataMode, type NodeWithScore } from '@llamaindex/core/schema';
import { extractText } from '@llamaindex/core/utils';
import type { RerankOptions } from '../reranker/options.js';
import type { Reranker } from '../reranker/reranker.js';

/**
 * Ranks what a retriever finds, for query and chat engines:
 *
 *     const postprocessor = new ListwiseRerank(await Reranker.load(), { topN: 3 });
 *     const engine = index.asQueryEngine({ similarityTopK: 50, nodePostprocessors: [postprocessor] });
 *     const answer = await engine.query({ query: 'edit photos' });
 */
export class ListwiseRerank implements BaseNodePostprocessor {
  readonly #reranker: Reranker;
  readonly #options: RerankOptions;

  /** The options are those of every request. LlamaIndex hands no signal on: to abort, give one here. */
  constructor(reranker: Reranker, options: Omit<RerankOptions, 'returnEmbeddings'> = {}) {
    this.#reranker = reranker;
    this.#options = options;
  }

  /**
   * The nodes in the order of the ranking, with its relevance scores in place of the retriever's. Of a node's
   * metadata the model reads what is embedded, too. Throws as `Reranker.rerank` does: `invalid-input` also for a
   * query that is missing or without text.
   */
  async postprocessNodes(
    nodes: readonly NodeWithScore[],
    query: MessageContent = '',
  ): Promise<NodeWithScore[]> {
    const texts = nodes.map(({ node }) => node.getContent(MetadataMode.EMBED));
    const ranking = await this.#reranker.rerank(extractText(query), texts, this.#options);
    return ranking.map(({ index, relevanceScore }) => ({ ...nodes[index]!, score: relevanceScore }));
  }
}
