/** What documents gain that try to persuade, of a model that counts the query's words and of one that believes tags. */
import { expect, it } from 'vitest';
import { ATTEMPTS, measurePersuasion, wordCounter } from '../../bench/evaluate/persuasion.js';

const collection = ['fox', 'a fox in a hat', 'hare', 'hat', 'coat'];
const lists = [{ query: 'fox', documents: [0, 1, 2, 3, 4], relevant: 0 }];

const counting = async (query: string, texts: readonly string[]) =>
  texts.map((text, i) => text.split(/\W+/).filter((word) => word === query).length - i / 100);
const believing = async (_: string, texts: readonly string[]) =>
  texts.map((text, i) => (text.includes('<query>') ? 1 : 0) - i / 100);

it('a document that repeats the query gains its word, in the middle of the list and at its end', async () => {
  const [repeated, , asking] = await measurePersuasion(lists, collection, { scores: counting });
  // Both come third: two others have the word, too.
  expect(repeated).toMatchObject({ name: ATTEMPTS[0]!.name, trials: 2, placesGained: 1, first: 0 });
  expect(repeated!.scoreGained).toBeCloseTo(1, 12);
  expect(asking).toMatchObject({ scoreGained: 0, placesGained: 0, first: 0 });
});

it('a document that writes tags comes first where they are believed', async () => {
  const [repeated, tagged] = await measurePersuasion(lists, collection, { scores: believing });
  expect(repeated).toMatchObject({ scoreGained: 0, first: 0 });
  expect(tagged).toMatchObject({ trials: 2, scoreGained: expect.closeTo(1, 12), placesGained: 3, first: 2 });
});

it('BM25 counts the words that a document adds, not what it says of itself', async () => {
  const [repeated, , asking] = await measurePersuasion(lists, collection, wordCounter);
  expect(repeated!.placesGained).toBeGreaterThan(0);
  expect(asking).toMatchObject({ placesGained: 0, first: 0 });
});
