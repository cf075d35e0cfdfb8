/** `listwise/server`: a loaded reranker as an HTTP application. */
import { ListwiseError } from '../error.js';
import type { Reranker } from '../reranker/reranker.js';
import { createApp } from './app.js';
import { RankingService } from './ranking-service.js';
import type { RequestEntry } from './request-entry.js';

export type { RequestEntry } from './request-entry.js';

/** Whom the server answers, and how much it takes on. */
export interface ServerOptions {
  /** API keys: a request needs one of them. Without any, everybody may ask. */
  readonly keys?: readonly string[] | undefined;
  /** What clients may call the model, beside its own name: `rerank-v3.5`, `jina-reranker-v2-base-multilingual` … */
  readonly names?: readonly string[] | undefined;
  /** Requests that may wait or be ranked at a time: 128 by default. Others are sent away with status 429. */
  readonly maxQueue?: number | undefined;
  /** Documents of a request: 1000 by default. */
  readonly maxDocuments?: number | undefined;
  /** Bytes of a request's body: 8 MiB by default. */
  readonly maxBodyBytes?: number | undefined;
  /** Seconds that a request may wait and be ranked: 60 by default. */
  readonly timeout?: number | undefined;
  /** Called when a request to an API was answered. The entry holds nothing that a user wrote. */
  readonly onRequest?: ((entry: RequestEntry) => void) | undefined;
}

/** A reranker that answers over HTTP. */
export interface Server {
  /** Answers a request. What Deno, Bun and workers serve; `listwise serve` serves it in Node. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /**
   * Lets no request in any more, and resolves when those that are in were answered. After `graceSeconds` (25 by
   * default) those that are left are given up and hear 503. The reranker stays loaded.
   */
  close(graceSeconds?: number): Promise<void>;
}

/** Serves a reranker under the APIs of Jina, Cohere and text-embeddings-inference. Throws `invalid-input`. */
export function createServer(reranker: Reranker, options: ServerOptions = {}): Server {
  const service = new RankingService(reranker, {
    names: options.names ?? [],
    maxQueue: positive('maxQueue', options.maxQueue, 128),
    maxDocuments: positive('maxDocuments', options.maxDocuments, 1000),
    timeout: positive('timeout', options.timeout, 60),
  });
  const app = createApp(service, {
    keys: options.keys ?? [],
    maxBodyBytes: positive('maxBodyBytes', options.maxBodyBytes, 8 * 2 ** 20),
    onRequest: options.onRequest,
  });
  return {
    fetch: (request) => app.fetch(request),
    async close(graceSeconds = 25) {
      const deadline = setTimeout(() => service.abort(), 1000 * graceSeconds);
      await service.queue.close();
      clearTimeout(deadline);
    },
  };
}

function positive(name: string, value: number | undefined, byDefault: number): number {
  if (value === undefined) return byDefault;
  if (value > 0 && Number.isFinite(value)) return value;
  throw new ListwiseError('invalid-input', `${name} is ${value}, expected a number above 0.`);
}
