/** The API reference: Markdown that TypeDoc makes from the types and doc comments of the package's entries. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Application, Converter } from 'typedoc';
import { ROOT } from './links.mjs';

/**
 * The package's entries: the source, below `src` and without its ending → the name under which people import it.
 *
 * @returns {Promise<Map<string, string>>}
 */
async function entries() {
  const { name, exports } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const typed = Object.entries(exports).filter(([, target]) => target.types);
  return new Map(
    typed.map(([path, { types }]) => [
      types.slice('./dist/types/'.length, -'.d.ts'.length),
      name + path.slice(1),
    ]),
  );
}

/**
 * Writes the reference to `folder`, with a `navigation.json`. Rejects when TypeDoc has something to say against a
 * comment or a type.
 *
 * @param {string} folder
 */
export async function writeReference(folder) {
  const names = await entries();
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    tsconfig: join(ROOT, 'tsconfig.build.json'),
    entryPoints: [...names.keys()].map((source) => join(ROOT, `src/${source}.ts`)),
    sortEntryPoints: false,
    name: 'API reference',
    readme: 'none',
    logLevel: 'Warn',
    // Types are checked by `npm run check`, with the TypeScript that the project is written in.
    skipErrorChecking: true,
    validation: { notExported: false },
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
    for (const module of project.children)
      module.name = names.get(module.name) ?? names.get(`${module.name}/index`);
  });
  const project = await app.convert();
  if (project) {
    app.validate(project);
    await app.generateOutputs(project);
  }
  if (app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error('the API reference has the faults above.');
}
