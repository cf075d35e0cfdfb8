/** Hugging Face's text-embeddings-inference: `POST /rerank`. */
import { z } from '@hono/zod-openapi';
import type { FailureKind } from '../failure.js';
import type { Api, RankingCall } from './api.js';
import { EXAMPLE_DOCUMENTS, queryField } from './fields.js';

const body = z
  .object({
    query: queryField,
    texts: z.array(z.string()).min(1).openapi({ example: EXAMPLE_DOCUMENTS }),
    raw_scores: z.boolean().default(false).openapi({
      description: 'Scores are cosines, −1 to 1, instead of (1 + cosine) / 2, 0 to 1.',
    }),
    return_text: z.boolean().default(false),
    truncate: z
      .boolean()
      .nullish()
      .openapi({ description: 'A text that is too long is cut, and not refused.' }),
  })
  .transform(
    ({ query, texts, raw_scores, return_text, truncate }): RankingCall => ({
      query,
      documents: texts,
      options: {},
      rawScores: raw_scores,
      returnDocuments: return_text,
      refuseLong: !truncate,
    }),
  )
  .openapi('TeiRequest');

const answer = z
  .array(z.object({ index: z.int(), score: z.number(), text: z.string().optional() }))
  .openapi('TeiAnswer');

const failure = z.object({ error: z.string(), error_type: z.string() }).openapi('TeiFailure');

const ERROR_TYPES: Partial<Record<FailureKind, string>> = {
  unauthorized: 'Unauthorized',
  busy: 'Overloaded',
  stopping: 'Unhealthy',
  timeout: 'Backend',
  failed: 'Backend',
};

export const tei: Api = {
  name: 'tei',
  path: '/rerank',
  summary: 'Ranks texts, as text-embeddings-inference does',
  body,
  answer,
  failure,
  statuses: { 'too-many-documents': 413, 'too-long': 413, failed: 424 },

  respond(ranking, { rawScores, returnDocuments }): z.infer<typeof answer> {
    return ranking.map(({ index, relevanceScore, document }) => ({
      index,
      score: rawScores ? relevanceScore : (1 + relevanceScore) / 2,
      text: returnDocuments ? document : undefined,
    }));
  },

  fail: ({ kind, message }): z.infer<typeof failure> => ({
    error: message,
    error_type: ERROR_TYPES[kind] ?? 'Validation',
  }),
};
