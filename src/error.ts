/** What went wrong, for programs. */
export type ListwiseErrorCode =
  /** An argument of the call is not usable: the query is empty, `topN` is not a whole number … */
  | 'invalid-input'
  /** A prompt needs more tokens than the model's context holds. */
  | 'context-exceeded'
  /** The model's folder or file is not there or can't be read, here or on the hub. */
  | 'checkpoint-not-found'
  /** The hub asks who is there: a token is missing or wrong, or terms have to be accepted first. */
  | 'unauthorized'
  /** The hub or the network failed, repeatedly, or there is no room. The next attempt goes on from what came in. */
  | 'download-failed'
  /** A checkpoint's file contradicts its format: truncated, overlapping tensors, no JSON … */
  | 'checkpoint-corrupt'
  /** The files are whole, but a tensor, config key or token is missing or of the wrong shape. */
  | 'checkpoint-mismatch'
  /** The checkpoint asks for something this runtime does not compute. */
  | 'unsupported-model'
  /** The device can't serve this: a shape, a dtype, too little memory, a failed self-test. */
  | 'device-unsupported'
  /** The device failed while it worked. */
  | 'device-failed'
  /** The GPU was taken away: a driver restarted, a laptop slept. The next request opens it anew. */
  | 'device-lost'
  /** The device has no room for a weight or for a prompt. */
  | 'out-of-memory'
  /** The queue that machines share is not there: no Redis answers, or the packages that speak to it are missing. */
  | 'queue-unavailable'
  /** The reranker was used after `dispose()`. */
  | 'disposed';

/**
 * The one error class of this package. The message says what was wrong and what was expected; `hint` says what
 * to do about it. Aborted calls reject with the signal's own reason (an `AbortError`) instead.
 */
export class ListwiseError extends Error {
  override readonly name = 'ListwiseError';
  readonly code: ListwiseErrorCode;
  readonly hint: string | undefined;

  constructor(code: ListwiseErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}
