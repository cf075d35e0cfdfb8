/** Failures of a request that may pass. */
import { ListwiseError } from '../../error.js';

/** What is to be thrown if it does not pass, and how long the server asks to wait. */
export class Setback extends Error {
  readonly failure: ListwiseError;
  readonly pause: number | undefined; // milliseconds

  constructor(message: string, options: { cause?: unknown; pause?: number | undefined } = {}) {
    super(message);
    this.pause = options.pause;
    this.failure = new ListwiseError('download-failed', message, {
      cause: options.cause,
      hint: 'Try again: what has come in is kept. Behind a firewall a proxy (HTTPS_PROXY) or a mirror (HF_ENDPOINT) may help.',
    });
  }
}

/** Whatever `fetch` throws when a connection fails is a setback; errors of this package are meant as they are. */
export function asSetback(error: unknown, url: string): unknown {
  if (error instanceof ListwiseError || error instanceof Setback) return error;
  let reason = error;
  while (reason instanceof Error && reason.cause !== undefined) reason = reason.cause; // what began it
  // Several addresses that all refused make an error without a message.
  const why =
    reason instanceof Error ? reason.message || ('code' in reason ? reason.code : reason.name) : reason;
  return new Setback(`${url} can't be downloaded: ${why}.`, { cause: error });
}
