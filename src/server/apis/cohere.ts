/** Cohere's `POST /v2/rerank`. */
import { z } from '@hono/zod-openapi';
import type { Api, RankingCall } from './api.js';
import { EXAMPLE_DOCUMENTS, modelField, queryField, topNField } from './fields.js';

const body = z
  .object({
    model: modelField,
    query: queryField,
    documents: z.array(z.string()).min(1).openapi({ example: EXAMPLE_DOCUMENTS }),
    top_n: topNField,
    max_tokens_per_doc: z
      .int()
      .min(1)
      .optional()
      .openapi({ description: 'Longer documents are cut to this many tokens: 2048 by default.' }),
  })
  .transform(
    ({ model, query, documents, top_n, max_tokens_per_doc }): RankingCall => ({
      model,
      query,
      documents,
      options: { topN: top_n, maxDocumentLength: max_tokens_per_doc },
    }),
  )
  .openapi('CohereRequest');

const answer = z
  .object({
    id: z.string(),
    results: z.array(
      z.object({
        index: z.int().openapi({ description: 'Its place in the documents of the request.' }),
        relevance_score: z.number().openapi({ description: 'A cosine, −1 to 1.' }),
      }),
    ),
    meta: z.object({ api_version: z.object({ version: z.string() }) }),
  })
  .openapi('CohereAnswer');

const failure = z.object({ id: z.string().optional(), message: z.string() }).openapi('CohereFailure');

export const cohere: Api = {
  name: 'cohere',
  path: '/v2/rerank',
  summary: 'Ranks documents, as the Cohere API does',
  body,
  answer,
  failure,
  statuses: { invalid: 400, 'too-many-documents': 400, 'too-long': 400 },

  respond(ranking, _call, { id }): z.infer<typeof answer> {
    const results = ranking.map(({ index, relevanceScore }) => ({ index, relevance_score: relevanceScore }));
    return { id, results, meta: { api_version: { version: '2' } } };
  },

  fail: ({ message }): z.infer<typeof failure> => ({ message }),
};
