/**
 * The HTTP application: three APIs that others made, and what operating it needs. It is a `fetch` function and
 * runs on whatever serves those.
 *
 *     request → key → room in the queue → body within bounds → schema → ranking → the API's own answer
 */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type RequestIdVariables, requestId } from 'hono/request-id';
import { type Api, STATUSES } from './apis/api.js';
import { cohere } from './apis/cohere.js';
import { jina } from './apis/jina.js';
import { tei } from './apis/tei.js';
import { type Failure, type FailureKind, failureOf, Refusal } from './failure.js';
import { requireKey } from './keys.js';
import page from './page.html?raw';
import type { Ranked, RankingService } from './ranking-service.js';
import type { RequestEntry } from './request-entry.js';

const APIS: readonly Api[] = [jina, cohere, tei];

export interface AppOptions {
  /** Whoever asks needs one of these; without any, nobody does. */
  readonly keys: readonly string[];
  readonly maxBodyBytes: number;
  readonly onRequest: ((entry: RequestEntry) => void) | undefined;
}

interface Variables extends RequestIdVariables {
  start: number;
  ranked: Ranked;
  documents: number;
  failure: Failure;
}

type App = OpenAPIHono<{ Variables: Variables }>;

export function createApp(service: RankingService, options: AppOptions): App {
  const app: App = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw result.error;
    },
  });
  app.use(requestId());
  app.use(observed(service, options));
  for (const api of APIS) addApi(app, api, service, options);
  addOperations(app, service, options);
  app.notFound((context) => answerFailure(context, new Refusal('not-found', 'There is nothing here.')));
  app.onError((error, context) => answerFailure(context, failureOf(error)));
  return app;
}

/** Counts and reports every request of an API. */
function observed(
  service: RankingService,
  { onRequest }: AppOptions,
): MiddlewareHandler<{ Variables: Variables }> {
  return async (context, next) => {
    const start = performance.now();
    context.set('start', start);
    await next();
    const api = apiOf(context)?.name;
    if (api === undefined) return;
    const { status } = context.res;
    service.metrics.answered(api, status);
    const { ranked, documents, failure } = context.var;
    onRequest?.({
      time: new Date().toISOString(),
      id: context.var.requestId,
      api,
      status,
      ...(failure && { failure: failure.kind }),
      seconds: rounded((performance.now() - start) / 1000),
      ...(ranked && {
        documents,
        tokens: ranked.ranking.tokens,
        waitSeconds: rounded(ranked.waitSeconds),
        rankSeconds: rounded(ranked.rankSeconds),
      }),
    });
  };
}

function addApi(app: App, api: Api, service: RankingService, { keys, maxBodyBytes }: AppOptions): void {
  const { path, summary, body, answer, failure } = api;
  const onError = () => {
    throw new Refusal('too-large', `The body is larger than ${maxBodyBytes} bytes.`);
  };
  const hasRoom: MiddlewareHandler = async (_context, next) => {
    service.queue.checkRoom();
    await next();
  };
  const route = createRoute({
    method: 'post',
    path,
    summary,
    tags: ['Rerank'],
    ...(keys.length > 0 && { security: [{ key: [] }] }),
    middleware: [requireKey(keys), hasRoom, bodyLimit({ maxSize: maxBodyBytes, onError })],
    request: { body: { required: true, content: { 'application/json': { schema: body } } } },
    responses: {
      200: { description: 'The ranking', content: { 'application/json': { schema: answer } } },
      ...Object.fromEntries(
        Array.from(failuresOf(api), ([status, kinds]) => [
          status,
          { description: kinds.join(', '), content: { 'application/json': { schema: failure } } },
        ]),
      ),
    },
  });
  app.openapi(route, async (context) => {
    const call = context.req.valid('json');
    service.metrics.spent('receive', (performance.now() - context.var.start) / 1000);
    const ranked = await service.rank(call, context.req.raw.signal);
    context.set('ranked', ranked);
    context.set('documents', call.documents.length);
    const answered = { id: context.var.requestId, model: service.model };
    return context.json(api.respond(ranked.ranking, call, answered), 200);
  });
  app.all(path, () => {
    throw new Refusal('method', 'This path takes POST.');
  });
}

function addOperations(app: App, service: RankingService, { keys }: AppOptions): void {
  const { registry } = service.metrics;
  if (keys.length > 0) {
    app.openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' });
  }
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'listwise',
      version: '1',
      description: 'Ranks documents by their relevance to a query. Scores are cosines.',
    },
  });
  app.get('/health', (context) => context.json({ status: 'ok' }));
  app.get('/ready', (context) =>
    service.queue.closed
      ? context.json({ status: 'stopping' }, 503)
      : context.json({ status: 'ready', model: service.model }),
  );
  app.get('/metrics', async (context) =>
    context.body(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  );
  app.get('/', (context) => {
    context.header('content-security-policy', PAGE_POLICY);
    return context.html(page);
  });
}

/** The page holds its own script and style, and speaks to nobody but this server. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:";

/** In the shape of the API that was asked, or of none. */
function answerFailure(context: Context<{ Variables: Variables }>, failure: Failure): Response {
  context.set('failure', failure);
  const api = apiOf(context);
  const status = api?.statuses[failure.kind] ?? STATUSES[failure.kind];
  if (failure.retryAfter !== undefined) context.header('retry-after', String(failure.retryAfter));
  if (failure.kind === 'method') context.header('allow', 'POST');
  if (failure.kind === 'unauthorized') context.header('www-authenticate', 'Bearer');
  return context.json(api ? api.fail(failure) : { error: failure.message }, status);
}

function apiOf(context: Context): Api | undefined {
  return APIS.find(({ path }) => path === context.req.path);
}

/** Not told of an API: they are of other paths and methods, or nobody receives them. */
const UNTOLD: readonly string[] = ['not-found', 'method', 'gone'] satisfies FailureKind[];

/** The statuses of an API's failures, and which failures each stands for. */
function failuresOf({ statuses }: Api): Map<number, string[]> {
  const kinds = new Map<number, string[]>();
  for (const [kind, status] of Object.entries({ ...STATUSES, ...statuses })) {
    if (!UNTOLD.includes(kind)) kinds.set(status, [...(kinds.get(status) ?? []), kind.replaceAll('-', ' ')]);
  }
  return kinds;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1e4) / 1e4;
}
