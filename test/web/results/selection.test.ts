/** What of a ranking is shown, and what goes into a file. */
import { expect, test } from 'vitest';
import { repeatedPlaces } from '../../../web/results/alike.js';
import { exported } from '../../../web/results/export.js';
import { type Ranked, select } from '../../../web/results/selection.js';

const ranking: Ranked[] = [
  {
    passage: { text: 'Edit *photos*.\nAll.', file: 'a.pdf', place: { kind: 'page', number: 3 } },
    index: 2,
    score: 0.5,
    repeats: undefined,
  },
  { passage: { text: 'Edit photos!' }, index: 0, score: 0.4, repeats: 0 },
  { passage: { text: '=1+1, "tea"' }, index: 1, score: 0.1, repeats: undefined },
  { passage: { text: 'Brew tea.' }, index: 3, score: -0.1, repeats: 2 },
];

const ranks = (choice: Partial<Parameters<typeof select>[1]>) =>
  select(ranking, { best: undefined, from: Number.NEGATIVE_INFINITY, fold: false, ...choice }).map(
    ({ rank, alike }) => [rank, ...alike.map(({ index }) => index)],
  );

test('the best, those from a score on, and near-duplicates folded into the better one', () => {
  expect(ranks({})).toEqual([[1], [2], [3], [4]]);
  expect(ranks({ best: 2 })).toEqual([[1], [2]]);
  expect(ranks({ from: 0 })).toEqual([[1], [2], [3]]);
  expect(ranks({ fold: true })).toEqual([
    [1, 0],
    [3, 3],
  ]);
  expect(ranks({ fold: true, best: 1 })).toEqual([[1, 0]]);
  expect(ranks({ fold: true, best: 2, from: 0 })).toEqual([[1, 0], [3]]);
});

test('a document repeats the first one that its embedding is near to', () => {
  const vectors = [
    [1, 0],
    [0, 2],
    [5, 0.5],
    [0.1, 1],
    [1, 1],
    [0, 0],
  ].map((values) => Float32Array.from(values));
  expect(repeatedPlaces(vectors)).toEqual([undefined, undefined, 0, 1, undefined, undefined]);
});

const shown = select(ranking, { best: undefined, from: 0, fold: true });

test('JSON holds places and what is folded', async () => {
  const { query, results } = JSON.parse(await (await exported('JSON', 'photos', shown)).text());
  expect(query).toBe('photos');
  expect(results).toEqual([
    {
      rank: 1,
      index: 2,
      relevance_score: 0.5,
      text: 'Edit *photos*.\nAll.',
      file: 'a.pdf',
      place: { kind: 'page', number: 3 },
      alike: [0],
    },
    { rank: 3, index: 1, relevance_score: 0.1, text: '=1+1, "tea"' },
  ]);
});

test('CSV is what spreadsheets read, and nothing in it is a formula', async () => {
  const file = await exported('CSV', 'photos', shown);
  expect(file.name).toBe('ranking.csv');
  expect(Buffer.from(await file.arrayBuffer()).toString()).toBe(
    '\uFEFFrank,index,score,source,text\r\n1,2,0.5,"a.pdf, page 3","Edit *photos*.\nAll."\r\n3,1,0.1,,"\'=1+1, ""tea"""\r\n',
  );
});

test('Markdown shows the signs of texts as they are', async () => {
  expect(await (await exported('Markdown', 'photos', shown)).text()).toBe(
    '# photos\n\n1. **0.500** (a.pdf, page 3)\n\n   > Edit \\*photos\\*.\n   > All.\n\n3. **0.100**\n\n   > =1+1, "tea"\n',
  );
});
