/** Everything that is measured of a model. */
import { type Comparison, compare } from './comparison.js';
import { LENGTHS, type LengthEffect, measureLengthEffect } from './list-length.js';
import { type HeldOut, type List, type Test, testNamed } from './lists.js';
import { methodsFor } from './methods.js';
import { ATTEMPTS, attackingRanks, measurePersuasion, type Persuasion, wordCounter } from './persuasion.js';
import { measurePositionBias, PLACES, type PositionBias } from './position-bias.js';
import type { Scorer } from './scorer.js';
import { measureUnseen, type Unseen, type UnseenResult, type UnseenTest } from './unseen.js';

export interface TestResult extends Comparison {
  readonly name: string;
  readonly lists: number;
}

export interface Results {
  readonly unseen: readonly UnseenResult[];
  readonly tests: readonly TestResult[];
  readonly positionBias: PositionBias;
  readonly lengthEffect: LengthEffect;
  readonly persuasion: readonly Persuasion[];
  readonly persuasionOfBM25: readonly Persuasion[];
}

/** Which lists are run: of each test, and for the three tables that take lists apart. */
export interface Selection {
  readonly unseen: readonly UnseenTest[];
  readonly tests: readonly Test[];
  readonly bias: readonly List[];
  readonly length: readonly List[];
  readonly persuasion: readonly List[];
}

const BIAS_TEST = 'English, random negatives';
const BIAS_LISTS = 50;
const LENGTH_TEST = 'English, 64 candidates';
const LENGTH_LISTS = 25;
const PERSUASION_TEST = 'English';
const PERSUASION_LISTS = 20;

/** All lists, or as many as take five minutes. */
export function select(heldOut: HeldOut, unseen: Unseen, all: boolean): Selection {
  const some = <L>({ lists, quick }: { lists: readonly L[]; quick: number }) =>
    all ? lists : lists.slice(0, quick);
  const cut = heldOut.tests.map((test) => ({ ...test, lists: some(test) }));
  return {
    unseen: unseen.tests.map((test) => ({ ...test, lists: some(test) })),
    tests: cut,
    bias: testNamed(cut, BIAS_TEST).lists.slice(0, BIAS_LISTS),
    length: testNamed(cut, LENGTH_TEST).lists.slice(0, LENGTH_LISTS),
    persuasion: testNamed(cut, PERSUASION_TEST).lists.slice(0, PERSUASION_LISTS),
  };
}

/** How many documents `evaluate` scores: progress is told in these. */
export function documentsOf({ unseen, tests, bias, length, persuasion }: Selection): number {
  const longest = LENGTHS.at(-1)!; // once at a time, once in blocks
  return (
    sum(unseen.flatMap(({ lists }) => lists.map(({ documents }) => documents.length))) +
    sum(tests.map(({ lists, candidates }) => lists.length * candidates)) +
    sum(bias.map(({ documents }) => documents.length * PLACES.length)) +
    length.length * (sum(LENGTHS) + longest) +
    sum(
      persuasion.map(
        ({ documents: { length: size } }) => size * ATTEMPTS.length * (1 + attackingRanks(size).length),
      ),
    )
  );
}

export async function evaluate(
  { collections }: HeldOut,
  unseen: Unseen,
  selection: Selection,
  scorer: Scorer,
): Promise<Results> {
  const tests: TestResult[] = [];
  for (const { name, collection, lists } of selection.tests) {
    const comparison = await compare(lists, methodsFor(collections[collection]!, scorer));
    tests.push({ name, lists: lists.length, ...comparison });
  }
  const packages = methodsFor(collections.packages!, scorer);
  return {
    unseen: await measureUnseen({ ...unseen, tests: selection.unseen }, scorer),
    tests,
    positionBias: await measurePositionBias(selection.bias, packages),
    lengthEffect: await measureLengthEffect(selection.length, packages),
    persuasion: await measurePersuasion(selection.persuasion, collections.packages!, scorer),
    persuasionOfBM25: await measurePersuasion(selection.persuasion, collections.packages!, wordCounter),
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
