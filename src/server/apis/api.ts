/** The contract of an HTTP API that others made and their clients speak: how it asks, answers and fails. */
import type { z } from '@hono/zod-openapi';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { RerankOptions } from '../../reranker/options.js';
import type { ScoreScale } from '../../reranker/protocols/protocol.js';
import type { Ranking } from '../../reranker/ranking.js';
import type { Failure, FailureKind } from '../failure.js';
import type { GivenDocument } from './documents.js';
import type { Scale } from './scale.js';

/** What of the server's options shows in the APIs. */
export interface ApiOptions {
  /** What the model is called: its own name, then others. */
  readonly names: readonly string[];
  /** Whether these are the only names that are served. */
  readonly strictModel: boolean;
  readonly maxDocuments: number;
  /** Tokens of a document, where a request doesn't say. */
  readonly maxDocumentLength: number;
  /** What the model's scores are. */
  readonly modelScale: ScoreScale;
  /** Of scores, in APIs whose requests don't choose it. */
  readonly scale: Scale;
}

/** What every API asks for. */
export interface RankingCall {
  /** The server's own by default. */
  readonly model?: string | undefined;
  readonly query: string;
  readonly documents: readonly string[];
  readonly options: RerankOptions;
  /** What the answer repeats of each document. Absent when it is not to repeat them. */
  readonly repeated?: readonly GivenDocument[] | undefined;
  /** Of the scores in the answer. */
  readonly scale: Scale;
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
  readonly name: 'jina' | 'cohere' | 'tei' | 'infinity';
  /** The field with the documents, by which a body tells whose it is. */
  readonly documentsField: 'documents' | 'texts';
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
  encoding: 415,
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
