/** How models are measured: BM25 and the metrics against numbers worked out by hand, and the held-out lists. */
import { describe, expect, it } from 'vitest';
import { BM25, terms } from '../../bench/evaluate/bm25.js';
import { LENGTHS, measureLengthEffect } from '../../bench/evaluate/list-length.js';
import { type List, readHeldOut, shortened, withRelevantAt } from '../../bench/evaluate/lists.js';
import { metricsOf, metricsOfRandom, ndcg10 } from '../../bench/evaluate/metrics.js';
import { measurePositionBias } from '../../bench/evaluate/position-bias.js';
import { documentsOf, select } from '../../bench/evaluate/results.js';
import { readUnseen } from '../../bench/evaluate/unseen.js';

const unseen = await readUnseen(new URL('../../bench/data/unseen.json', import.meta.url));
const heldOut = await readHeldOut(new URL('../../bench/data/held-out.json', import.meta.url));

describe('BM25', () => {
  it('cuts a text to words in lower case, in every script, and leaves out what every text has', () => {
    expect(terms('The C++ library_2 für ÄRGER, and 日本語 на 3½')).toEqual([
      'c',
      'library_2',
      'für',
      'ärger',
      '日本',
      '本語',
      'на',
      '3½',
    ]);
  });

  it('takes Chinese and Japanese in pairs of characters, and words of other scripts within them whole', () => {
    expect(terms('東京でPythonを学ぶ 本 汉字')).toEqual([
      ...['東京', '京で', 'python', 'を学', '学ぶ', '本', '汉字'],
    ]);
  });

  it('gives the scores that were worked out by hand', () => {
    // Three documents of 3, 1 and 2 terms, 2 on average. "red" is in two of them, "fox" in one.
    // idf(red) = ln(1 + 1.5 / 2.5) = 0.470004; idf(fox) = ln(1 + 2.5 / 1.5) = 0.980829.
    // Norms, 0.9 × (0.6 + 0.4 × terms / 2): 1.08, 0.72, 0.9.
    const bm25 = new BM25(['red red fox', 'hare', 'the red hare']);
    const [both, none, one] = bm25.scores('a red fox', [0, 1, 2]);
    expect(both).toBeCloseTo((0.470004 * 2 * 1.9) / (2 + 1.08) + (0.980829 * 1.9) / (1 + 1.08), 5);
    expect(both).toBeCloseTo(1.475829, 5);
    expect(none).toBe(0);
    expect(one).toBeCloseTo(0.470004, 5); // 1.9 / (1 + 0.9) is 1
  });

  it('counts a word of the query as often as it is there', () => {
    const bm25 = new BM25(['red fox', 'hare']);
    expect(bm25.scores('red red', [0])[0]).toBeCloseTo(2 * bm25.scores('red', [0])[0]!, 12);
  });
});

describe('metrics', () => {
  it('are those of the relevant document’s rank', () => {
    const { ndcg10, reciprocalRank, accuracy } = metricsOf([0.1, 0.9, 0.5, 0.7], 2);
    expect(ndcg10).toBeCloseTo(0.5, 12); // 1 / log₂ 4
    expect(reciprocalRank).toBeCloseTo(1 / 3, 12);
    expect(accuracy).toBe(0);
    expect(metricsOf([0.1, 0.9], 1)).toEqual({ ndcg10: 1, reciprocalRank: 1, accuracy: 1 });
  });

  it('give nothing for nDCG@10 beyond the tenth place', () => {
    const scores = Array.from({ length: 12 }, (_, i) => -i);
    expect(metricsOf(scores, 9).ndcg10).toBeCloseTo(1 / Math.log2(11), 12);
    expect(metricsOf(scores, 10).ndcg10).toBe(0);
    expect(metricsOf(scores, 10).reciprocalRank).toBeCloseTo(1 / 11, 12);
  });

  it('are what is to be expected where scores are equal', () => {
    const { ndcg10, reciprocalRank, accuracy } = metricsOf([1, 0, 1, 2], 0); // second or third
    expect(ndcg10).toBeCloseTo((1 / Math.log2(3) + 1 / 2) / 2, 12);
    expect(reciprocalRank).toBeCloseTo((1 / 2 + 1 / 3) / 2, 12);
    expect(accuracy).toBe(0);
  });

  it('of several relevant documents are their gains, as a share of the best order’s', () => {
    const best = 1 + 1 / Math.log2(3);
    expect(ndcg10([3, 2, 1], [0, 1])).toBe(1);
    expect(ndcg10([3, 1, 2], [0, 1])).toBeCloseTo((1 + 1 / 2) / best, 12);
    expect(ndcg10([1, 1, 0], [0, 2])).toBeCloseTo(((1 + 1 / Math.log2(3)) / 2 + 1 / 2) / best, 12);
    expect(ndcg10([0.1, 0.9, 0.5, 0.7], [2])).toBe(metricsOf([0.1, 0.9, 0.5, 0.7], 2).ndcg10);
  });

  it('of a random order are means over all places', () => {
    const { ndcg10, reciprocalRank, accuracy } = metricsOfRandom(4);
    expect(ndcg10).toBeCloseTo((1 + 1 / Math.log2(3) + 1 / 2 + 1 / Math.log2(5)) / 4, 12);
    expect(reciprocalRank).toBeCloseTo((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4, 12);
    expect(accuracy).toBe(1 / 4);
  });
});

describe('a list', () => {
  const list: List = { query: 'q', documents: [10, 11, 12, 13, 14, 15, 16, 17], relevant: 6 };

  it('keeps the order of the others when the relevant document is moved', () => {
    expect(withRelevantAt(list, 0).documents).toEqual([16, 10, 11, 12, 13, 14, 15, 17]);
    expect(withRelevantAt(list, 7)).toEqual({
      query: 'q',
      documents: [10, 11, 12, 13, 14, 15, 17, 16],
      relevant: 7,
    });
    expect(withRelevantAt(list, list.relevant)).toEqual(list);
  });

  it('that is shortened has the first of the others, and the relevant document as far down as it was', () => {
    expect(shortened(list, 4)).toEqual({ query: 'q', documents: [10, 11, 12, 16], relevant: 3 });
    expect(shortened({ ...list, relevant: 2 }, 4)).toEqual({
      query: 'q',
      documents: [10, 12, 11, 13],
      relevant: 1,
    });
    expect(shortened(list, 8)).toEqual(list);
  });
});

describe('what is measured of a model', () => {
  const documents = Array.from({ length: 64 }, (_, i) => i);
  const lists: List[] = [3, 40].map((relevant) => ({ query: 'q', documents, relevant }));

  it('finds a model that scores by place as biased as it is', async () => {
    const byPlace = async ({ documents: some }: List) => some.map((_, i) => 1 - i / 10);
    const short = lists.map((list) => shortened(list, 16));
    const bias = await measurePositionBias(short, { model: byPlace, bm25: () => [] });
    expect(bias.places.map(({ accuracy }) => accuracy)).toEqual([1, 0, 0, 0, 0]);
    expect(bias.spread).toBeCloseTo(1.5, 12);
  });

  it('has every block of a long list scored, in the order of the list', async () => {
    const lengths: number[] = [];
    const model = async (list: List) => {
      lengths.push(list.documents.length);
      return list.documents.map((place) => (place === 40 ? 1 : 0));
    };
    const bm25 = ({ documents: some }: List) => some.map(() => 0);
    const effect = await measureLengthEffect(lists.slice(1), { model, bm25 });
    expect(effect.inBlocks).toBe(1);
    expect(effect.lengths.map(({ model: ndcg }) => ndcg)).toEqual(LENGTHS.map(() => 1));
    expect(lengths).toEqual([...LENGTHS, 16, 16, 16, 16]);
  });
});

describe('the held-out lists', () => {
  it('have different documents of their collection, of which one is relevant', () => {
    for (const { name, collection, candidates, quick, lists } of heldOut.tests) {
      const size = heldOut.collections[collection]!.length;
      expect(quick, name).toBeLessThanOrEqual(lists.length);
      for (const { query, documents, relevant } of lists) {
        expect(query.trim(), name).not.toBe('');
        expect(new Set(documents).size, name).toBe(candidates);
        expect(documents).toHaveLength(candidates);
        expect(documents.every((place) => Number.isInteger(place) && place >= 0 && place < size)).toBe(true);
        expect(documents[relevant], name).toBeDefined();
      }
    }
  });

  it('have no text twice that is relevant', () => {
    for (const { name, collection, lists } of heldOut.tests) {
      const texts = heldOut.collections[collection]!;
      for (const { documents, relevant } of lists) {
        const wanted = texts[documents[relevant]!];
        expect(
          documents.filter((place) => texts[place] === wanted),
          name,
        ).toHaveLength(1);
      }
    }
  });

  it('are as many as are asked for, in a quick run and in a whole one', () => {
    const quick = select(heldOut, unseen, false);
    const all = select(heldOut, unseen, true);
    expect(all.tests).toEqual(heldOut.tests);
    expect(all.unseen).toEqual(unseen.tests);
    expect(documentsOf(quick)).toBeLessThan(documentsOf(all));
    expect(quick.tests[0]!.lists).toHaveLength(120);
  });
});
