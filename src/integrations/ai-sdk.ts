/** For the AI SDK: a loaded reranker as a model of its `rerank()`. */
import type { RerankingModelV3, RerankingModelV3CallOptions, SharedV3Warning } from '@ai-sdk/provider';
import type { RerankOptions } from '../reranker/options.js';
import type { Reranker } from '../reranker/reranker.js';

/** What `providerOptions.listwise` may hold: options of `Reranker.rerank`. Others are ignored with a warning. */
export type ListwiseProviderOptions = Pick<
  RerankOptions,
  'diversity' | 'instruction' | 'maxDocumentLength' | 'maxQueryLength' | 'minScore'
>;

/**
 * The model that the AI SDK's `rerank()` takes. Objects among the documents are given to it as JSON text. Requests
 * fail as `Reranker.rerank` does, with a ListwiseError or the signal's reason, and are not tried again.
 *
 *     const model = listwise(await Reranker.load());
 *     const { rerankedDocuments } = await rerank({ model, query: 'edit photos', documents, topN: 3 });
 */
export function listwise(reranker: Reranker): RerankingModelV3 {
  return {
    specificationVersion: 'v3',
    provider: 'listwise',
    modelId: reranker.model,
    async doRerank({ documents, query, topN, abortSignal, providerOptions }) {
      // What is of the wrong type is refused by `rerank`.
      const given = (providerOptions?.listwise ?? {}) as ListwiseProviderOptions;
      const { diversity, instruction, maxDocumentLength, maxQueryLength, minScore, ...unknown } = given;
      const ranking = await reranker.rerank(query, textsOf(documents), {
        topN,
        diversity,
        instruction,
        maxDocumentLength,
        maxQueryLength,
        minScore,
        signal: abortSignal,
      });
      const { tokens, cachedTokens } = ranking;
      return {
        ranking: ranking.map(({ index, relevanceScore }) => ({ index, relevanceScore })),
        providerMetadata: { listwise: { tokens, cachedTokens } },
        warnings: warningsOf(documents, Object.keys(unknown)),
        response: { timestamp: new Date(), modelId: reranker.model },
      };
    },
  };
}

type Documents = RerankingModelV3CallOptions['documents'];

function textsOf({ type, values }: Documents): string[] {
  return type === 'text' ? values : values.map((value) => JSON.stringify(value));
}

function warningsOf({ type }: Documents, unknownOptions: readonly string[]): SharedV3Warning[] {
  const warnings: SharedV3Warning[] = unknownOptions.map((name) => ({
    type: 'unsupported',
    feature: `providerOptions.listwise.${name}`,
  }));
  if (type === 'text') return warnings;
  const details = 'The model reads objects as JSON text.';
  return [...warnings, { type: 'compatibility', feature: 'object documents', details }];
}
