/**
 * The HTTP application: APIs that others made, and what operating it needs. It is a `fetch` function and runs on
 * whatever serves those.
 *
 *     request → key → room in the queue → body within bounds → whose it is → schema → ranking → the API's own answer
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { getPath } from 'hono/utils/url';
import { type Api, type ApiOptions, STATUSES } from './apis/api.js';
import { apiOf, type Endpoint, endpointsOf } from './apis/endpoints.js';
import { readJson } from './body.js';
import { type Failure, failureOf, Refusal } from './failure.js';
import { requireKey } from './keys.js';
import { describeEndpoint, describeService } from './openapi.js';
import { addOperations } from './operations.js';
import type { Ranked, RankingService } from './ranking-service.js';
import type { RequestEntry } from './request-entry.js';

export interface AppOptions {
  /** Whoever asks needs one of these; without any, nobody does. */
  readonly keys: readonly string[];
  /** Of pages whose scripts may ask; `*` for all. */
  readonly origins: readonly string[];
  readonly maxBodyBytes: number;
  readonly onRequest: ((entry: RequestEntry) => void) | undefined;
}

export interface Variables {
  requestId: string;
  start: number;
  api: Api | undefined;
  ranked: (Ranked & { readonly documents: number }) | undefined;
  failure: Failure | undefined;
}

export type App = OpenAPIHono<{ Variables: Variables }>;
type Handler = MiddlewareHandler<{ Variables: Variables }>;

export function createApp(service: RankingService, apiOptions: ApiOptions, options: AppOptions): App {
  const app: App = new OpenAPIHono({ getPath: (request) => tidied(getPath(request)) });
  app.use(identified);
  if (options.origins.length > 0) app.use(shared(options.origins));
  app.use(observed(service, options));
  for (const endpoint of endpointsOf(apiOptions)) addEndpoint(app, endpoint, service, options);
  describeService(app, options.keys);
  addOperations(app, service, apiOptions);
  app.notFound((context) => answerFailure(context, new Refusal('not-found', 'There is nothing here.')));
  app.onError((error, context) => answerFailure(context, failureOf(error)));
  return app;
}

/** What joins a base URL and a path may leave one slash too many. */
function tidied(path: string): string {
  return path.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
}

/** The client's own `X-Request-Id`, if it is short and plain, or one of ours. */
const identified: Handler = async (context, next) => {
  const given = context.req.header('x-request-id');
  const id = given !== undefined && /^[\x21-\x7e]{1,255}$/.test(given) ? given : crypto.randomUUID();
  context.set('requestId', id);
  context.header('x-request-id', id);
  await next();
};

/** Lets the scripts of other pages ask, as browsers want it said. */
function shared(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'HEAD', 'POST'],
    exposeHeaders: ['X-Request-Id', 'Retry-After'],
    maxAge: 86_400, // seconds
  });
}

/** Counts and reports every request of an API. */
function observed(service: RankingService, { onRequest }: AppOptions): Handler {
  return async (context, next) => {
    const start = performance.now();
    context.set('start', start);
    await next();
    const { api, ranked, failure, requestId } = context.var;
    if (!api) return;
    const { status } = context.res;
    service.metrics.answered(api.name, status);
    onRequest?.({
      time: new Date().toISOString(),
      id: requestId,
      api: api.name,
      status,
      ...(failure && { failure: failure.kind }),
      seconds: rounded((performance.now() - start) / 1000),
      ...(ranked && {
        documents: ranked.documents,
        tokens: ranked.ranking.tokens,
        waitSeconds: rounded(ranked.waitSeconds),
        rankSeconds: rounded(ranked.rankSeconds),
      }),
    });
  };
}

function addEndpoint(app: App, endpoint: Endpoint, service: RankingService, options: AppOptions): void {
  const { keys, maxBodyBytes } = options;
  const begun: Handler = async (context, next) => {
    context.set('api', endpoint.apis[0]);
    await next();
  };
  const hasRoom: Handler = async (_context, next) => {
    service.queue.checkRoom();
    await next();
  };
  const answer = async (context: Context<{ Variables: Variables }>) => {
    const body = await readJson(context.req.raw, maxBodyBytes);
    const api = apiOf(body, endpoint);
    context.set('api', api);
    const call = api.body.parse(body);
    service.metrics.spent('receive', (performance.now() - context.var.start) / 1000);
    const ranked = await service.rank(call, context.req.raw.signal);
    context.set('ranked', { ...ranked, documents: call.documents.length });
    const answered = { id: context.var.requestId, model: service.model };
    return context.json(api.respond(ranked.ranking, call, answered));
  };
  for (const path of [endpoint.path, ...endpoint.aliases]) {
    app.post(path, begun, requireKey(keys), hasRoom, answer);
    app.all(path, begun, () => {
      throw new Refusal('method', 'This path takes POST.', { allow: 'POST' });
    });
  }
  describeEndpoint(app, endpoint);
}

/** In the shape of the API that was asked, or of none. */
function answerFailure(context: Context<{ Variables: Variables }>, failure: Failure): Response {
  context.set('failure', failure);
  const { api } = context.var;
  const status = api?.statuses[failure.kind] ?? STATUSES[failure.kind];
  if (failure.retryAfter !== undefined) context.header('retry-after', String(failure.retryAfter));
  if (failure.allow !== undefined) context.header('allow', failure.allow);
  if (failure.kind === 'unauthorized') context.header('www-authenticate', 'Bearer');
  if (failure.kind === 'encoding') context.header('accept-encoding', 'gzip');
  return context.json(api ? api.fail(failure) : { error: failure.message }, status);
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1e4) / 1e4;
}
