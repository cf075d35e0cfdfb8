/**
 * Ranks a dozen package descriptions in six languages for three queries, on the command line as a user would:
 *
 *   npm run demo
 *   npm run demo -- --device webgpu    or with any other option of `listwise rerank`
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

const COMMAND = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const DOCUMENTS = fileURLToPath(new URL('packages.txt', import.meta.url));

/** The German query finds its best answers in English and French, the third one its only answer in Japanese. */
const QUERIES = [
  'playing chess against the computer',
  'Fotos und Bilder bearbeiten',
  'look up words in a Japanese dictionary',
];

const ABOUT = `This is the embedded model: 10 million parameters that match words and their meaning in some fifteen languages.
It finds what is about the same thing, better than matching words alone does, and understands little beyond that.
jina-reranker-v3 runs the same way, 60 times as large: listwise rerank --model jinaai/jina-reranker-v3.`;

const options = ['--top-n', '4', ...process.argv.slice(2)];

for (const query of QUERIES) {
  console.log(
    styleText('bold', `$ listwise rerank "${query}" --documents demo/packages.txt ${options.join(' ')}`),
  );
  const args = ['rerank', query, '--documents', DOCUMENTS, ...options];
  const { status } = spawnSync(process.execPath, [COMMAND, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  console.log();
}
console.log(ABOUT);
