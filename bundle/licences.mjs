/** The licences of the packages inside the bundles, which ask to be kept with every copy. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @param {readonly import('esbuild').Metafile[]} metafiles What was built of what. */
export async function licencesOf(metafiles) {
  const inputs = metafiles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap(({ inputs }) => Object.entries(inputs));
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  const folders = new Set(used.map((path) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]));
  folders.delete(undefined);
  const texts = await Promise.all([...folders].sort().map(licenceOf));
  return `listwise holds parts of these packages.\n\n${texts.join('\n')}`;
}

/** @param {string} folder */
async function licenceOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? await readFile(join(folder, file), 'utf8') : 'Its package has no file of it.';
  return `${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${text.trim()}\n`;
}
