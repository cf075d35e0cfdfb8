/** What the server takes and answers, as an OpenAPI document. */
import { z } from '@hono/zod-openapi';
import { VERSION } from '../version.js';
import { STATUSES } from './apis/api.js';
import type { Endpoint } from './apis/endpoints.js';
import type { App } from './app.js';
import type { FailureKind } from './failure.js';

export function describeService(app: App, keys: readonly string[]): void {
  if (keys.length > 0) {
    app.openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' });
  }
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'listwise',
      version: VERSION,
      description: 'Ranks documents by their relevance to a query.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '.', description: 'Where this document is, whatever prefix a proxy puts before it.' }],
    security: keys.length > 0 ? [{ key: [] }] : [],
    tags: [{ name: 'Rerank', description: 'APIs that others made.' }],
  });
}

export function describeEndpoint(app: App, endpoint: Endpoint): void {
  const { path, operationId, summary, apis } = endpoint;
  const json = (schemas: readonly z.ZodType[]) => ({ 'application/json': { schema: anyOf(schemas) } });
  const failures = json(apis.map(({ failure }) => failure));
  app.openAPIRegistry.registerPath({
    method: 'post',
    path,
    operationId,
    summary,
    tags: ['Rerank'],
    request: { body: { required: true, content: json(apis.map(({ body }) => body)) } },
    responses: {
      200: { description: 'The ranking', content: json(apis.map(({ answer }) => answer)) },
      ...Object.fromEntries(
        Array.from(failuresOf(endpoint), ([status, kinds]) => [
          status,
          { description: [...kinds].join(', '), content: failures },
        ]),
      ),
    },
  });
}

function anyOf(schemas: readonly z.ZodType[]): z.ZodType {
  return schemas.length === 1 ? schemas[0]! : z.union(schemas);
}

/** Not told of an API: they are of other paths and methods, or nobody receives them. */
const UNTOLD: readonly string[] = ['not-found', 'method', 'gone'] satisfies FailureKind[];

/** The statuses of an endpoint's failures, and which failures each stands for. */
function failuresOf({ apis }: Endpoint): Map<number, Set<string>> {
  const kinds = new Map<number, Set<string>>();
  for (const { statuses } of apis) {
    for (const [kind, status] of Object.entries({ ...STATUSES, ...statuses })) {
      if (UNTOLD.includes(kind)) continue;
      kinds.set(status, (kinds.get(status) ?? new Set()).add(kind.replaceAll('-', ' ')));
    }
  }
  return kinds;
}
