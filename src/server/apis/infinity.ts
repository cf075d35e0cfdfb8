/** Infinity's `POST /rerank`: asked as Jina's, and answered with documents as plain strings. */
import { z } from '@hono/zod-openapi';
import type { Api, ApiOptions } from './api.js';
import { jina, jinaBody } from './jina.js';
import { onScale } from './scale.js';

const answer = z
  .object({
    id: z.string(),
    object: z.literal('rerank'),
    model: z.string(),
    created: z.int().openapi({ description: 'When, in seconds since 1970.' }),
    usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
    results: z.array(
      z.object({
        index: z.int(),
        relevance_score: z
          .number()
          .openapi({ description: '(1 + cosine) / 2; with `raw_scores`, a cosine.' }),
        document: z.string().optional(),
      }),
    ),
  })
  .openapi('InfinityAnswer');

export function infinity(options: ApiOptions): Api {
  return {
    ...jina(options),
    name: 'infinity',
    body: jinaBody({ ...options, scale: 'share' }).openapi('InfinityRequest'),
    answer,

    respond(ranking, { repeated, scale }, { id, model }): z.infer<typeof answer> {
      const results = ranking.map(({ index, relevanceScore, document }) => ({
        index,
        relevance_score: onScale(scale, relevanceScore),
        document: repeated && document,
      }));
      const usage = { prompt_tokens: ranking.tokens, total_tokens: ranking.tokens };
      return { id, object: 'rerank', model, created: Math.floor(Date.now() / 1000), usage, results };
    },
  };
}
