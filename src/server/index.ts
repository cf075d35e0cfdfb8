/** `listwise/server`: a loaded reranker as an HTTP application. */
import { ListwiseError } from '../error.js';
import { numberFrom, wholeNumber } from '../reranker/options.js';
import type { Reranker } from '../reranker/reranker.js';
import type { ApiOptions } from './apis/api.js';
import { scaleOf } from './apis/scale.js';
import { createApp } from './app.js';
import { RankingService } from './ranking-service.js';
import type { RequestEntry } from './request-entry.js';

export type { RequestEntry } from './request-entry.js';

/** Whom the server answers, and how much it takes on. */
export interface ServerOptions {
  /** API keys: a request needs one of them. Without any, everybody may ask. */
  readonly keys?: readonly string[] | undefined;
  /** What the model is called beside its own name: `rerank-v3.5`, `jina-reranker-v2-base-multilingual` … */
  readonly names?: readonly string[] | undefined;
  /** Whether requests for a model of another name are refused: by default the model that is here ranks for all. */
  readonly strictModel?: boolean | undefined;
  /** Origins of pages whose scripts may ask, as `https://example.org`, or `*` for all: none by default. */
  readonly origins?: readonly string[] | undefined;
  /** Requests that may wait or be ranked at a time: 128 by default. Others are sent away with status 429. */
  readonly maxQueue?: number | undefined;
  /** Documents of a request: 1000 by default. */
  readonly maxDocuments?: number | undefined;
  /** Longer documents are cut to this many tokens, where a request doesn't say: 2048 by default. */
  readonly maxDocumentLength?: number | undefined;
  /** A cosine, −1 to 1: documents that score lower are left out, where a request doesn't say. */
  readonly minScore?: number | undefined;
  /** Whether the APIs of Jina and Cohere give (1 + cosine) / 2, 0 to 1, where a request doesn't say. */
  readonly unitScores?: boolean | undefined;
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
  const apiOptions: ApiOptions = {
    names: [...new Set([reranker.model, ...(options.names ?? [])])],
    strictModel: options.strictModel ?? false,
    maxDocuments: positive('maxDocuments', options.maxDocuments, 1000),
    maxDocumentLength: wholeNumber(
      'maxDocumentLength',
      options.maxDocumentLength,
      reranker.limits.document,
      1,
    ),
    modelScale: reranker.scale,
    scale: scaleOf(reranker.scale, undefined, options.unitScores ? 'share' : 'own'),
  };
  const service = new RankingService(reranker, {
    ...apiOptions,
    maxQueue: positive('maxQueue', options.maxQueue, 128),
    minScore: numberFrom(-1, 'minScore', options.minScore),
    timeout: positive('timeout', options.timeout, 60),
  });
  const app = createApp(service, apiOptions, {
    keys: options.keys ?? [],
    origins: (options.origins ?? []).map(checkedOrigin),
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

/** To the letter what a browser sends as `Origin`: with a slash at its end, say, it would never match. */
function checkedOrigin(origin: string): string {
  const isOfWeb = URL.canParse(origin) && new URL(origin).origin === origin;
  const isOfApp = /^(?!https?:)[a-z][a-z\d+.-]*:\/\/[^/?#\sA-Z]+$/.test(origin); // an extension's, say
  if (origin === '*' || isOfWeb || isOfApp) return origin;
  throw new ListwiseError('invalid-input', `${JSON.stringify(origin)} is not an origin.`, {
    hint: 'It looks like https://example.org or http://localhost:3000, without a slash at its end; or *.',
  });
}
