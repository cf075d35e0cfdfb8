/** Which API answers where. */
import type { Api, ApiOptions } from './api.js';
import { cohere } from './cohere.js';
import { infinity } from './infinity.js';
import { jina } from './jina.js';
import { tei } from './tei.js';

export interface Endpoint {
  readonly path: string;
  /** Other paths of the same. */
  readonly aliases: readonly string[];
  /** For programs and people, in the OpenAPI document. */
  readonly operationId: string;
  readonly summary: string;
  /** Those that it speaks; the first answers whatever tells nothing of another. */
  readonly apis: readonly [Api, ...Api[]];
}

export function endpointsOf(options: ApiOptions): readonly Endpoint[] {
  const [ofJina, ofTei] = [jina(options), tei(options)];
  return [
    {
      path: '/v1/rerank',
      aliases: ['/v1/reranking'],
      operationId: 'rerank',
      summary: 'Ranks documents, as the Jina API does',
      apis: [ofJina, ofTei],
    },
    {
      path: '/v2/rerank',
      aliases: [],
      operationId: 'rerankAsCohere',
      summary: 'Ranks documents, as the Cohere API does',
      apis: [cohere(options)],
    },
    {
      path: '/rerank',
      aliases: ['/reranking'],
      operationId: 'rerankAsTei',
      summary: 'Ranks texts, as text-embeddings-inference does, or documents, as vLLM and llama.cpp do',
      apis: [ofTei, ofJina],
    },
    {
      path: '/infinity/rerank',
      aliases: [],
      operationId: 'rerankAsInfinity',
      summary: 'Ranks documents, as Infinity does',
      apis: [infinity(options)],
    },
  ];
}

/** Whose body it is: text-embeddings-inference's if it has `texts`, another's if it has `documents`. */
export function apiOf(body: unknown, { apis }: Endpoint): Api {
  const has = (field: string) => (body as Record<string, unknown> | null)?.[field] != null;
  const field = ['texts', 'documents'].find(has);
  return apis.find(({ documentsField }) => documentsField === field) ?? apis[0];
}
