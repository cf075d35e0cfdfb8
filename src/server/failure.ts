/** What a request can end with instead of a ranking, before any API gives it a shape and a status. */
import { z } from '@hono/zod-openapi';
import { ListwiseError, type ListwiseErrorCode } from '../error.js';

export type FailureKind =
  /** The key is missing or wrong. */
  | 'unauthorized'
  /** There is nothing at this path. */
  | 'not-found'
  /** The path takes another method. */
  | 'method'
  /** The body is more than the server takes. */
  | 'too-large'
  /** The body is not sent as JSON in UTF-8. */
  | 'media-type'
  /** The body is compressed in a way that isn't undone here. */
  | 'encoding'
  /** The body is no JSON, or not what its headers say. */
  | 'malformed'
  /** The body is JSON, but not what the API takes. */
  | 'invalid'
  | 'too-many-documents'
  /** A text is longer than the model takes, and the request forbids to cut it. */
  | 'too-long'
  | 'unknown-model'
  /** As many requests wait as may wait. */
  | 'busy'
  /** The server is being shut down. */
  | 'stopping'
  /** There was no ranking in the time that a request may take. */
  | 'timeout'
  /** The client closed the connection: nobody will read the answer. */
  | 'gone'
  /** The model or its device failed. */
  | 'failed';

/** One thing that is wrong with a body. */
export interface Issue {
  /** Where, as in `['documents', 3]`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  readonly issues: readonly Issue[];
  /** After how many seconds it is worth to ask again. */
  readonly retryAfter?: number | undefined;
  /** The methods that the path takes. */
  readonly allow?: string | undefined;
}

/** Thrown where a request is refused. */
export class Refusal extends Error implements Failure {
  override readonly name = 'Refusal';
  readonly kind: FailureKind;
  readonly issues: readonly Issue[] = [];
  readonly retryAfter: number | undefined;
  readonly allow: string | undefined;

  constructor(
    kind: FailureKind,
    message: string,
    { retryAfter, allow }: Pick<Failure, 'retryAfter' | 'allow'> = {},
  ) {
    super(message);
    this.kind = kind;
    this.retryAfter = retryAfter;
    this.allow = allow;
  }
}

/** More issues of one body than these are not told. */
const MOST_ISSUES = 10;

const KIND_OF_CODE: Partial<Record<ListwiseErrorCode, FailureKind>> = {
  'invalid-input': 'invalid',
  'context-exceeded': 'invalid',
  disposed: 'stopping',
};

/** What an error that was thrown means to the client. What it doesn't need to know of a failure stays inside. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) return error;
  if (error instanceof z.ZodError) return invalid(error);
  if (error instanceof ListwiseError) return failure(KIND_OF_CODE[error.code] ?? 'failed', error.message);
  return failure('failed', 'The server failed.');
}

function failure(kind: FailureKind, message: string): Failure {
  return { kind, message, issues: [] };
}

function invalid(error: z.ZodError): Failure {
  const issues = error.issues.slice(0, MOST_ISSUES).map(({ path, message }) => ({
    path: path.map((step) => (typeof step === 'number' ? step : String(step))),
    message,
  }));
  const message = issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ');
  return { kind: 'invalid', message, issues };
}
