/** The contract of an HTTP API that others made and their clients speak: how it asks, answers and fails. */
import type { z } from '@hono/zod-openapi';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { RerankOptions } from '../../reranker/options.js';
import type { Ranking } from '../../reranker/ranking.js';
import type { Failure, FailureKind } from '../failure.js';

/** What every API asks for. */
export interface RankingCall {
  /** The server's own by default. */
  readonly model?: string | undefined;
  readonly query: string;
  readonly documents: readonly string[];
  readonly options: RerankOptions;
  /** Whether the answer repeats the documents. */
  readonly returnDocuments?: boolean | undefined;
  /** Whether scores are to be the cosines themselves, in APIs whose scores are from 0 to 1. */
  readonly rawScores?: boolean | undefined;
  /** Whether a text that is too long is refused rather than cut. */
  readonly refuseLong?: boolean | undefined;
}

export interface Answered {
  /** Identifies the request in answers and logs. */
  readonly id: string;
  /** What the model that ranked is called. */
  readonly model: string;
}

export interface Api {
  readonly name: 'jina' | 'cohere' | 'tei';
  readonly path: string;
  /** For people, in the OpenAPI document. */
  readonly summary: string;
  /** Of a request; turns it into a call. */
  readonly body: z.ZodType<RankingCall>;
  readonly answer: z.ZodType<object>;
  readonly failure: z.ZodType<object>;
  /** Statuses of its own; `STATUSES` holds the others. */
  readonly statuses: Partial<Record<FailureKind, ContentfulStatusCode>>;
  respond(ranking: Ranking, call: RankingCall, answered: Answered): object;
  fail(failure: Failure): object;
}

/** 499 is what proxies log for a client that is gone; nobody receives it. */
export const CLIENT_GONE = 499 as ContentfulStatusCode;

export const STATUSES: Readonly<Record<FailureKind, ContentfulStatusCode>> = {
  unauthorized: 401,
  'not-found': 404,
  method: 405,
  'too-large': 413,
  'media-type': 415,
  malformed: 400,
  invalid: 422,
  'too-many-documents': 422,
  'too-long': 422,
  'unknown-model': 404,
  busy: 429,
  stopping: 503,
  timeout: 504,
  gone: CLIENT_GONE,
  failed: 500,
};
