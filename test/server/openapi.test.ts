/** The OpenAPI document promises nothing that the server breaks. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reranker } from '../../src/reranker/reranker.js';
import { createServer, type ServerOptions } from '../../src/server/index.js';
import { PYTHON, pythonLacks, runPython } from '../support/python.js';
import { answerOf, listening, post, tinyReranker } from '../support/server.js';

interface Described {
  readonly paths: Readonly<Record<string, { post: Operation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Required<Schema>>> };
}

interface Operation {
  readonly operationId: string;
  readonly requestBody: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
}

interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, { example?: unknown; enum?: unknown[]; maxItems?: number }>>;
}

let reranker: Reranker;
beforeAll(async () => {
  reranker = await tinyReranker();
});
afterAll(() => reranker.dispose());

/** Paths, and the schemas of the bodies that each takes. */
async function bodiesOf(options: ServerOptions): Promise<[string, Required<Schema>][]> {
  const { paths, components } = await described(options);
  return Object.entries(paths).flatMap(([path, { post: operation }]) => {
    const { schema } = operation.requestBody.content['application/json'];
    return (schema.anyOf ?? [schema]).map(({ $ref }): [string, Required<Schema>] => [
      path,
      components.schemas[$ref!.split('/').at(-1)!]!,
    ]);
  });
}

async function described(options: ServerOptions): Promise<Described> {
  return (await answerOf(createServer(reranker, options), '/openapi.json')).body;
}

describe('the OpenAPI document', () => {
  it.each([{}, { strictModel: true, names: ['other'], maxDocuments: 9 }])(
    'has an example for each body that its server takes (%o)',
    async (options) => {
      const bodies = await bodiesOf(options);
      expect(bodies).toHaveLength(6);
      for (const [path, { properties }] of bodies) {
        const fields = Object.entries(properties).filter(([, { example }]) => example !== undefined);
        const example = Object.fromEntries(fields.map(([name, field]) => [name, field.example]));
        expect(example).toHaveProperty('model', 'tiny');
        const { status } = await answerOf(createServer(reranker, options), path, post(example));
        expect(status).toBe(200);
      }
    },
  );

  it('states how many documents there may be, and the names of a strict server', async () => {
    for (const [, { properties }] of await bodiesOf({
      strictModel: true,
      names: ['other'],
      maxDocuments: 9,
    })) {
      expect(properties.model!.enum).toEqual(['tiny', 'other', null]);
      expect((properties.documents ?? properties.texts)!.maxItems).toBe(9);
    }
  });

  it('gives each operation a name, and says who may ask', async () => {
    const document = await described({});
    const names = Object.values(document.paths).map(({ post: { operationId } }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    expect(document).toMatchObject({ security: [], servers: [{ url: '.' }], info: { license: {} } });
  });

  it('holds, as Schemathesis finds by trying', { tags: ['long'] }, async ({ skip }) => {
    skip(await pythonLacks('schemathesis'), `${PYTHON} has no schemathesis`);
    const { url } = await listening(reranker);
    const script = 'from schemathesis.cli import schemathesis; schemathesis()';
    const { code, stdout } = await runPython([
      '-c',
      script,
      'run',
      `${url}/openapi.json`,
      '--max-examples',
      '50',
      '--seed',
      '1',
    ]);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain('No issues found');
  });
});
