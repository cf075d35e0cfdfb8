/** For LangChain.js: a loaded reranker as a document compressor. */
import type { Callbacks } from '@langchain/core/callbacks/manager';
import { Document, type DocumentInterface } from '@langchain/core/documents';
import { BaseDocumentCompressor } from '@langchain/core/retrievers/document_compressors';
import type { RerankOptions } from '../reranker/options.js';
import type { Reranker } from '../reranker/reranker.js';

/**
 * Ranks what a retriever finds, for a `ContextualCompressionRetriever`:
 *
 *     const baseCompressor = new ListwiseRerank(await Reranker.load(), { topN: 3 });
 *     const retriever = new ContextualCompressionRetriever({ baseCompressor, baseRetriever });
 *     const documents = await retriever.invoke('edit photos');
 */
export class ListwiseRerank extends BaseDocumentCompressor {
  readonly #reranker: Reranker;
  readonly #options: RerankOptions;

  /** The options are those of every request. LangChain hands no signal on: to abort, give one here. */
  constructor(reranker: Reranker, options: Omit<RerankOptions, 'returnEmbeddings'> = {}) {
    super();
    this.#reranker = reranker;
    this.#options = options;
  }

  /**
   * The documents in the order of the ranking, as copies whose metadata have a `relevanceScore`. Throws as
   * `Reranker.rerank` does. There is nothing in it for callbacks to hear.
   */
  override async compressDocuments(
    documents: readonly DocumentInterface[],
    query: string,
    _callbacks?: Callbacks,
  ): Promise<Document[]> {
    const texts = documents.map(({ pageContent }) => pageContent);
    const ranking = await this.#reranker.rerank(query, texts, this.#options);
    return ranking.map(({ index, relevanceScore }) => {
      const document = documents[index]!;
      return new Document({ ...document, metadata: { ...document.metadata, relevanceScore } });
    });
  }
}
