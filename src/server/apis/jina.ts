/** Jina AI's `POST /v1/rerank`, which vLLM, llama.cpp's server and Cohere's version 1 speak, too. */
import { z } from '@hono/zod-openapi';
import type { RankedDocument } from '../../reranker/ranking.js';
import type { Api, ApiOptions, RankingCall } from './api.js';
import { documentField, rankFields, textsOf } from './documents.js';
import {
  documentsField,
  minScoreField,
  modelField,
  only,
  optional,
  queryField,
  topNField,
  wholeNumber,
} from './fields.js';
import { onScale, ownScore, type Scale, scaleOf } from './scale.js';

/** Of an answer, whatever it does with documents. */
export const resultField = z.object({
  index: z.int().openapi({ description: 'Its place in the documents of the request.' }),
  relevance_score: z.number().openapi({
    description:
      'A cosine, −1 to 1, or (1 + cosine) / 2, 0 to 1: `raw_scores` says which. Of a model that answers yes or no its probability, 0 to 1.',
  }),
  gain: z.number().optional().openapi({ description: 'With `diversity`: what it adds.' }),
  embedding: z.array(z.number()).optional(),
});

const answer = z
  .object({
    model: z.string(),
    object: z.literal('list'),
    usage: z.object({ total_tokens: z.int() }),
    results: z.array(
      resultField.extend({
        document: z
          .looseObject({})
          .optional()
          .openapi({ description: 'As it was given; a string is in its field `text`.' }),
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

export function jina(options: ApiOptions): Api {
  return {
    name: 'jina',
    documentsField: 'documents',
    body: jinaBody(options).openapi('JinaRequest'),
    answer,
    failure,
    statuses: { malformed: 422, 'unknown-model': 422 },

    respond(ranking, { repeated, scale }, { model }): z.infer<typeof answer> {
      const results = ranking.map((ranked) => {
        const document = repeated?.[ranked.index];
        return {
          ...resultOf(ranked, scale),
          document: typeof document === 'string' ? { text: document } : document,
        };
      });
      return { model, object: 'list', usage: { total_tokens: ranking.tokens }, results };
    },

    fail({ kind, message, issues }): z.infer<typeof failure> {
      const wholes = issues.length > 0 ? issues : [{ path: [], message }];
      return {
        detail: wholes.map((issue) => ({ loc: ['body', ...issue.path], msg: issue.message, type: kind })),
      };
    },
  };
}

/** What is undefined is absent as JSON. */
export function resultOf(
  { index, relevanceScore, gain, embedding }: RankedDocument,
  scale: Scale,
): z.infer<typeof resultField> {
  return {
    index,
    relevance_score: onScale(scale, relevanceScore),
    gain,
    embedding: embedding && Array.from(embedding),
  };
}

export function jinaBody(options: ApiOptions): z.ZodType<RankingCall> {
  const { modelScale, scale: scaleByDefault, maxDocumentLength } = options;
  return z
    .object({
      model: modelField(options),
      query: queryField,
      documents: documentsField(documentField, options),
      // It tells the body of text-embeddings-inference, which the same paths take.
      texts: z.null().optional().openapi({ description: 'A body with texts is another.' }),
      top_n: topNField(),
      return_documents: optional(z.boolean()),
      return_embeddings: optional(z.boolean()),
      raw_scores: optional(
        z.boolean(),
        'Scores are cosines, −1 to 1, or, with false, (1 + cosine) / 2, 0 to 1. ' +
          `By default they are ${scaleByDefault === 'own' ? 'the model’s own' : 'from 0 to 1'}.`,
      ),
      max_tokens_per_doc: optional(
        wholeNumber(0),
        `Longer documents are cut to this many tokens: ${maxDocumentLength} by default, as with 0.`,
      ),
      max_tokens_per_query: optional(
        wholeNumber(0),
        'A longer query is cut to this many tokens: 512 by default, as with 0.',
      ),
      truncation_side: optional(
        z.enum(['left', 'right']),
        'Where a text that is too long is cut: `right`, at its end, by default.',
      ),
      truncate_prompt_tokens: only(
        -1,
        'is not taken here, where all documents share a prompt; send max_tokens_per_doc',
        'Of vLLM: −1 cuts to what the model takes, as is always done here.',
      ),
      max_chunks_per_doc: only(
        1,
        'is 1 here: documents are cut, not split; send max_tokens_per_doc',
        'Of Cohere’s version 1: documents are not split here.',
      ),
      instruction: optional(z.string(), 'Of this server: tells the model what counts as relevant.'),
      diversity: optional(
        z.number().min(0).max(1),
        'Of this server: how much a document that says what others say gives way.',
      ),
      min_score: minScoreField(),
    })
    .loose() // rank_fields: what it asks of documents JSON Schema can't say, so their description does
    .transform((asked, context): RankingCall => {
      const scale = scaleOf(modelScale, asked.raw_scores, scaleByDefault);
      const fields = rankFields.safeParse(asked.rank_fields);
      if (!fields.success) {
        context.addIssue({ code: 'custom', path: ['rank_fields'], message: 'expected an array of strings' });
      }
      return {
        model: asked.model,
        query: asked.query,
        documents: textsOf(asked.documents, fields.data, context),
        options: {
          topN: asked.top_n,
          minScore: ownScore(scale, asked.min_score),
          returnEmbeddings: asked.return_embeddings,
          maxDocumentLength: asked.max_tokens_per_doc || undefined,
          maxQueryLength: asked.max_tokens_per_query || undefined,
          truncate: asked.truncation_side === 'left' ? 'start' : 'end',
          instruction: asked.instruction,
          diversity: asked.diversity,
        },
        repeated: asked.return_documents ? asked.documents : undefined,
        scale,
      };
    });
}
