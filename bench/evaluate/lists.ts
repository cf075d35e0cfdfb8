/** The held-out lists, as weights/train/held_out.py writes them. */
import { readFile } from 'node:fs/promises';

export interface List {
  readonly query: string;
  /** Places in the test's collection. */
  readonly documents: readonly number[];
  /** Which of the documents the query belongs to. */
  readonly relevant: number;
}

export interface Test {
  readonly name: string;
  readonly collection: string;
  /** Of the queries; documents are in English. */
  readonly language: string;
  /** Documents in a list. */
  readonly candidates: number;
  /** The share of the other documents that are BM25's best; the rest are random. */
  readonly hard: number;
  /** How many lists, from the first on, are enough for a quick run. */
  readonly quick: number;
  readonly lists: readonly List[];
}

export interface HeldOut {
  readonly collections: Readonly<Record<string, readonly string[]>>;
  readonly tests: readonly Test[];
}

export async function readHeldOut(file: URL): Promise<HeldOut> {
  return JSON.parse(await readFile(file, 'utf8'));
}

export function testNamed(tests: readonly Test[], name: string): Test {
  const found = tests.find((test) => test.name === name);
  if (!found) throw new Error(`There is no test "${name}".`);
  return found;
}

/** The list with the relevant document at another place; what else there is keeps its order. */
export function withRelevantAt({ query, documents, relevant }: List, place: number): List {
  const others = documents.filter((_, i) => i !== relevant);
  return { query, documents: others.toSpliced(place, 0, documents[relevant]!), relevant: place };
}

/**
 * The relevant document and the first of the others, as many in all as are asked for. It stays as far down the list
 * as it was, in proportion: were it always last, its place would be measured, too.
 */
export function shortened({ query, documents, relevant }: List, length: number): List {
  const others = documents.filter((_, i) => i !== relevant).slice(0, length - 1);
  const place = Math.floor((relevant * length) / documents.length);
  return { query, documents: others.toSpliced(place, 0, documents[relevant]!), relevant: place };
}
