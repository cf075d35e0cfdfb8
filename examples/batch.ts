/** A file of lists, ranked by the command. Killed half-way and run again it would go on where it was. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface List {
  readonly id: string;
  readonly query: string;
  readonly documents: readonly string[];
}

/** What of an answer is read here; docs/batch.md has all of it. */
type Answer = { readonly line: number; readonly id: string } & (
  | { readonly results: readonly { readonly index: number; readonly relevance_score: number }[] }
  | { readonly error: { readonly code: string; readonly message: string } }
);

const documents = ['A chess engine without a board.', 'Retouch photographs and compose pictures.'];
const lists: List[] = [
  { id: 'photos', query: 'edit photos', documents },
  { id: 'games', query: 'play a game of chess', documents },
  { id: 'nothing', query: '', documents },
];

const folder = await mkdtemp(join(tmpdir(), 'lists-'));
const [listsFile, answersFile] = [join(folder, 'lists.jsonl'), join(folder, 'answers.jsonl')];
await writeFile(listsFile, lists.map((list) => `${JSON.stringify(list)}\n`).join(''));

// With --redis redis://… as well, workers on other machines would rank.
const { status } = spawnSync('npx', ['listwise', 'batch', listsFile, '--out', answersFile]);
console.log(status === 0 ? 'All lists are ranked.' : 'Some lists have an error.');

const answers: Answer[] = [];
for await (const line of (await open(answersFile)).readLines()) answers.push(JSON.parse(line));
answers.sort((a, b) => a.line - b.line); // they are written as they come
for (const answer of answers) {
  const best = 'error' in answer ? answer.error.message : documents[answer.results[0]!.index];
  console.log(`${answer.id}: ${best}`);
}
await rm(folder, { recursive: true });

// Prints:
// Some lists have an error.
// photos: Retouch photographs and compose pictures.
// games: A chess engine without a board.
// nothing: query: is empty, expected some text.
