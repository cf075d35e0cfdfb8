/** Hugging Face's text-embeddings-inference: `POST /rerank`. */
import { z } from '@hono/zod-openapi';
import type { FailureKind } from '../failure.js';
import type { Api, ApiOptions, RankingCall } from './api.js';
import { documentsField, minScoreField, modelField, optional, queryField, topNField } from './fields.js';
import { onScale, ownScore, scaleOf } from './scale.js';

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

export function tei(options: ApiOptions): Api {
  return {
    name: 'tei',
    documentsField: 'texts',
    body: teiBody(options),
    answer,
    failure,
    statuses: { 'too-many-documents': 413, 'too-long': 413, failed: 424 },

    respond(ranking, { repeated, scale }): z.infer<typeof answer> {
      return ranking.map(({ index, relevanceScore, document }) => ({
        index,
        score: onScale(scale, relevanceScore),
        text: repeated && document,
      }));
    },

    fail: ({ kind, message }): z.infer<typeof failure> => ({
      error: message,
      error_type: ERROR_TYPES[kind] ?? 'Validation',
    }),
  };
}

function teiBody(options: ApiOptions): z.ZodType<RankingCall> {
  return z
    .object({
      query: queryField,
      texts: documentsField(z.string(), options),
      raw_scores: optional(z.boolean(), 'Scores are cosines, −1 to 1, instead of (1 + cosine) / 2, 0 to 1.'),
      return_text: optional(z.boolean()),
      truncate: optional(z.boolean(), 'A text that is too long is cut, and not refused.'),
      truncation_direction: optional(
        z.enum(['Left', 'Right']),
        'Where it is cut: `Right`, at its end, by default; `Left`, at its start.',
      ),
      model: modelField(options),
      top_n: topNField(),
      min_score: minScoreField(),
    })
    .transform((asked): RankingCall => {
      const scale = scaleOf(options.modelScale, asked.raw_scores, 'share');
      return {
        model: asked.model,
        query: asked.query,
        documents: asked.texts,
        options: {
          topN: asked.top_n,
          minScore: ownScore(scale, asked.min_score),
          truncate: asked.truncation_direction === 'Left' ? 'start' : 'end',
        },
        repeated: asked.return_text ? asked.texts : undefined,
        scale,
        refuseLong: !asked.truncate,
      };
    })
    .openapi('TeiRequest');
}
