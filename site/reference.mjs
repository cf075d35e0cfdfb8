/** The API reference: Markdown that TypeDoc makes from the types and doc comments of the package's entries. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Application, Comment, Converter } from 'typedoc';
import { ROOT } from './links.mjs';

/** The package's entries, by their source below `src`: how people import it, and what its first comment says. */
async function entries() {
  const { name, exports } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const found = new Map();
  for (const [path, { types }] of Object.entries(exports)) {
    if (types === undefined) continue;
    const source = types.slice('./dist/types/'.length, -'.d.ts'.length);
    const [, comment] = /\/\*\*(.+?)\*\//s.exec(await readFile(join(ROOT, `src/${source}.ts`), 'utf8'));
    found.set(source, { name: name + path.slice(1), summary: comment.replaceAll('\n *', '').trim() });
  }
  return found;
}

/**
 * Writes the reference to `folder`, with a `navigation.json`. Rejects when TypeDoc has something to say against a
 * comment or a type.
 *
 * @param {string} folder
 */
export async function writeReference(folder) {
  const modules = await entries();
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    tsconfig: join(ROOT, 'tsconfig.build.json'),
    entryPoints: [...modules.keys()].map((source) => join(ROOT, `src/${source}.ts`)),
    sortEntryPoints: false,
    name: 'API reference',
    readme: 'none',
    logLevel: 'Warn',
    // Types are checked by `npm run check`, with the TypeScript that the project is written in.
    skipErrorChecking: true,
    // A few types that people get, but never name, are not exported.
    validation: { notExported: false, notDocumented: true },
    requiredToBeDocumented: ['Class', 'Interface', 'TypeAlias', 'Variable', 'Function'],
    excludeExternals: true,
    disableSources: true,
    outputs: [{ name: 'markdown', path: folder }],
    entryFileName: 'index',
    navigationJson: join(folder, 'navigation.json'),
    hidePageHeader: true,
    hideBreadcrumbs: true,
    indexFormat: 'table',
    tableColumnSettings: { hideModifiers: true },
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children) {
      const { name, summary } = modules.get(module.name) ?? modules.get(`${module.name}/index`);
      module.name = name;
      module.comment = new Comment([{ kind: 'text', text: summary }]);
    }
  });
  const project = await app.convert();
  if (project) {
    app.validate(project);
    await app.generateOutputs(project);
  }
  if (app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error('the API reference has the faults above.');
}
