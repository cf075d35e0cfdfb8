/** Any program can have the command rank for it: documents go in through a pipe, JSON comes out. */
import { execFileSync } from 'node:child_process';

/** What of the answer is read here; docs/command-line.md has all of it. */
interface Answer {
  readonly results: readonly {
    readonly relevance_score: number;
    readonly document: { readonly text: string };
  }[];
}

const documents = [
  'A chess engine without a board.',
  'Retouch photographs and compose pictures.',
  'View pictures in a terminal.',
];

const command = ['listwise', 'rerank', '--query', 'edit photos', '--top-n', '2', '--json'];
const json = execFileSync('npx', command, { input: documents.join('\n'), encoding: 'utf8' });
const { results }: Answer = JSON.parse(json);

for (const { relevance_score, document } of results) console.log(relevance_score.toFixed(2), document.text);

// Prints:
// 0.14 Retouch photographs and compose pictures.
// 0.05 View pictures in a terminal.
