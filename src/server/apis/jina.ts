/** Jina AI's `POST /v1/rerank`, which llama.cpp's server and vLLM speak, too. */
import { z } from '@hono/zod-openapi';
import type { Api, RankingCall } from './api.js';
import { EXAMPLE_DOCUMENTS, modelField, queryField, topNField } from './fields.js';

const documentField = z.union([z.string(), z.object({ text: z.string() })], {
  error: 'expected a string or an object with a text',
});

const body = z
  .object({
    model: modelField,
    query: queryField,
    documents: z.array(documentField).min(1).openapi({ example: EXAMPLE_DOCUMENTS }),
    top_n: topNField,
    return_documents: z.boolean().default(false),
    return_embeddings: z.boolean().default(false),
    instruction: z
      .string()
      .optional()
      .openapi({ description: 'Of this server: tells the model what counts as relevant.' }),
    diversity: z.number().min(0).max(1).optional().openapi({
      description: 'Of this server: how much a document that says what others say gives way.',
    }),
  })
  .transform(
    (asked): RankingCall => ({
      model: asked.model,
      query: asked.query,
      documents: asked.documents.map((document) => (typeof document === 'string' ? document : document.text)),
      options: {
        topN: asked.top_n,
        returnEmbeddings: asked.return_embeddings,
        instruction: asked.instruction,
        diversity: asked.diversity,
      },
      returnDocuments: asked.return_documents,
    }),
  )
  .openapi('JinaRequest');

const answer = z
  .object({
    model: z.string(),
    object: z.literal('list'),
    usage: z.object({ total_tokens: z.int() }),
    results: z.array(
      z.object({
        index: z.int().openapi({ description: 'Its place in the documents of the request.' }),
        relevance_score: z.number().openapi({ description: 'A cosine, −1 to 1.' }),
        gain: z.number().optional().openapi({ description: 'With `diversity`: what it adds.' }),
        document: z.object({ text: z.string() }).optional(),
        embedding: z.array(z.number()).optional(),
      }),
    ),
  })
  .openapi('JinaAnswer');

const failure = z
  .object({
    detail: z.array(
      z.object({
        loc: z.array(z.union([z.string(), z.int()])),
        msg: z.string(),
        type: z.string(),
      }),
    ),
  })
  .openapi('JinaFailure');

export const jina: Api = {
  name: 'jina',
  path: '/v1/rerank',
  summary: 'Ranks documents, as the Jina API does',
  body,
  answer,
  failure,
  statuses: { malformed: 422, 'unknown-model': 422 },

  respond(ranking, { returnDocuments }, { model }): z.infer<typeof answer> {
    const results = ranking.map(({ index, relevanceScore, gain, document, embedding }) => ({
      index,
      relevance_score: relevanceScore,
      gain, // without `diversity` and as JSON: absent
      document: returnDocuments ? { text: document } : undefined,
      embedding: embedding && Array.from(embedding),
    }));
    return { model, object: 'list', usage: { total_tokens: ranking.tokens }, results };
  },

  fail({ kind, message, issues }): z.infer<typeof failure> {
    const wholes = issues.length > 0 ? issues : [{ path: [], message }];
    return {
      detail: wholes.map((issue) => ({ loc: ['body', ...issue.path], msg: issue.message, type: kind })),
    };
  },
};
