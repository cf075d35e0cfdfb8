/** What those who operate the server ask it, and what programs ask of its model. None of it needs a key. */
import type { Handler } from 'hono';
import { VERSION } from '../version.js';
import type { ApiOptions } from './apis/api.js';
import type { App } from './app.js';
import { Refusal } from './failure.js';
import page from './page.html?raw';
import type { RankingService } from './ranking-service.js';

/** The page holds its own script and style, and speaks to nobody but this server. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:";

export function addOperations(app: App, service: RankingService, options: ApiOptions): void {
  const { registry } = service.metrics;
  const created = Math.floor(Date.now() / 1000);
  const paths: Readonly<Record<string, Handler>> = {
    '/health': (context) => context.json({ status: 'ok' }),
    '/ready': (context) =>
      service.queue.closed
        ? context.json({ status: 'stopping' }, 503)
        : context.json({ status: 'ready', model: service.model }),
    '/metrics': async (context) =>
      context.body(await registry.metrics(), 200, { 'content-type': registry.contentType }),
    '/info': (context) => context.json(infoOf(service, options)),
    '/v1/models': (context) => context.json(modelsOf(options, created)),
    '/models': (context) => context.json(modelsOf(options, created)),
    '/': (context) => {
      context.header('content-security-policy', PAGE_POLICY);
      return context.html(page);
    },
  };
  for (const [path, answer] of Object.entries(paths)) app.get(path, answer);
  for (const path of [...Object.keys(paths), '/openapi.json']) {
    app.all(path, () => {
      throw new Refusal('method', 'This path takes GET.', { allow: 'GET, HEAD' });
    });
  }
}

/** As OpenAI's `GET /v1/models` has it. */
function modelsOf({ names }: ApiOptions, created: number) {
  const data = names.map((id) => ({ id, object: 'model', created, owned_by: 'listwise' }));
  return { object: 'list', data };
}

/** As text-embeddings-inference's `GET /info` has it. */
function infoOf(service: RankingService, { maxDocuments, maxDocumentLength }: ApiOptions) {
  return {
    model_id: service.model,
    model_sha: null,
    model_dtype: service.dtype,
    model_type: { reranker: { id2label: { 0: 'LABEL_0' }, label2id: { LABEL_0: 0 } } },
    max_concurrent_requests: service.queue.limit,
    max_input_length: maxDocumentLength,
    max_client_batch_size: maxDocuments,
    auto_truncate: false,
    version: VERSION,
  };
}
