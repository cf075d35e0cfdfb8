/** Cohere's `POST /v2/rerank`. */
import { z } from '@hono/zod-openapi';
import type { Api, ApiOptions, RankingCall } from './api.js';
import {
  documentsField,
  minScoreField,
  modelField,
  optional,
  queryField,
  topNField,
  wholeNumber,
} from './fields.js';
import { onScale, ownScore } from './scale.js';

const answer = z
  .object({
    id: z.string(),
    results: z.array(
      z.object({
        index: z.int().openapi({ description: 'Its place in the documents of the request.' }),
        relevance_score: z.number().openapi({ description: 'A cosine, −1 to 1, or (1 + cosine) / 2.' }),
        document: z.object({ text: z.string() }).optional(),
      }),
    ),
    meta: z.object({ api_version: z.object({ version: z.string() }) }),
  })
  .openapi('CohereAnswer');

const failure = z.object({ id: z.string().optional(), message: z.string() }).openapi('CohereFailure');

export function cohere(options: ApiOptions): Api {
  return {
    name: 'cohere',
    documentsField: 'documents',
    body: cohereBody(options),
    answer,
    failure,
    statuses: { invalid: 400, 'too-many-documents': 400, 'too-long': 400 },

    respond(ranking, { repeated, scale }, { id }): z.infer<typeof answer> {
      const results = ranking.map(({ index, relevanceScore, document }) => ({
        index,
        relevance_score: onScale(scale, relevanceScore),
        document: repeated && { text: document },
      }));
      return { id, results, meta: { api_version: { version: '2' } } };
    },

    fail: ({ message }): z.infer<typeof failure> => ({ message }),
  };
}

function cohereBody(options: ApiOptions): z.ZodType<RankingCall> {
  const { scale, maxDocumentLength } = options;
  return z
    .object({
      model: modelField(options),
      query: queryField,
      documents: documentsField(z.string(), options),
      top_n: topNField(),
      max_tokens_per_doc: optional(
        wholeNumber(1),
        `Longer documents are cut to this many tokens: ${maxDocumentLength} by default.`,
      ),
      return_documents: optional(z.boolean()),
      min_score: minScoreField(),
    })
    .transform(
      (asked): RankingCall => ({
        model: asked.model,
        query: asked.query,
        documents: asked.documents,
        options: {
          topN: asked.top_n,
          minScore: ownScore(scale, asked.min_score),
          maxDocumentLength: asked.max_tokens_per_doc,
        },
        repeated: asked.return_documents ? asked.documents : undefined,
        scale,
      }),
    )
    .openapi('CohereRequest');
}
