/** Infinity's `POST /rerank`: asked as Jina's, and answered with documents as plain strings. */
import { z } from '@hono/zod-openapi';
import type { Api, ApiOptions } from './api.js';
import { jina, jinaBody, resultField, resultOf } from './jina.js';

const answer = z
  .object({
    id: z.string(),
    object: z.literal('rerank'),
    model: z.string(),
    created: z.int().openapi({ description: 'When, in seconds since 1970.' }),
    usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
    results: z.array(resultField.extend({ document: z.string().optional() })),
  })
  .openapi('InfinityAnswer');

/** LiteLLM asks it and vLLM with the same words and can't read one the other's answer, so it has a path of its own. */
export function infinity(options: ApiOptions): Api {
  return {
    ...jina(options),
    name: 'infinity',
    body: jinaBody({ ...options, scale: 'share' }).openapi('InfinityRequest'),
    answer,

    respond(ranking, { repeated, scale }, { id, model }): z.infer<typeof answer> {
      const results = ranking.map((ranked) => ({
        ...resultOf(ranked, scale),
        document: repeated && ranked.document,
      }));
      const usage = { prompt_tokens: ranking.tokens, total_tokens: ranking.tokens };
      return { id, object: 'rerank', model, created: Math.floor(Date.now() / 1000), usage, results };
    },
  };
}
