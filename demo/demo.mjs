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

const ABOUT = `This is the embedded model: 4 million parameters that learned from short descriptions of software packages in
many languages. It gets plain cases like these right and is often wrong on subtler ones; it is there to try
listwise without a download. jina-reranker-v3 runs the same way, 150 times as large: listwise rerank --model <folder>.`;

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
