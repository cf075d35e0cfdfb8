/** Kinds of text that the model never saw: the lists, and how their four orders are measured. */
import { describe, expect, it } from 'vitest';
import { measureUnseen, readUnseen, type Unseen } from '../../bench/evaluate/unseen.js';

const unseen = await readUnseen(new URL('../../bench/data/unseen.json', import.meta.url));

describe('the lists of unseen kinds', () => {
  it('have different documents of their collection, each with the rank at which BM25 found it', () => {
    for (const { name, collection, candidates, quick, lists } of unseen.tests) {
      const size = unseen.collections[collection]!.length;
      expect(quick, name).toBeLessThanOrEqual(lists.length);
      for (const { query, documents, relevant, ranks } of lists) {
        expect(query.trim(), name).not.toBe('');
        expect(new Set(documents).size, name).toBe(documents.length);
        expect(documents.length, name).toBeLessThanOrEqual(candidates);
        expect(documents.every((place) => Number.isInteger(place) && place >= 0 && place < size)).toBe(true);
        expect([...ranks].sort((a, b) => a - b)).toEqual([...documents.keys()]);
        expect(relevant.length, name).toBeGreaterThan(0);
        expect(relevant.every((document) => documents[document] !== undefined)).toBe(true);
      }
    }
  });
});

describe('what is measured of them', () => {
  // Found last, second by BM25's words.
  const lists = [{ query: 'red fox', documents: [1, 2, 0], relevant: [1], ranks: [1, 2, 0] }];
  const one: Unseen = {
    collections: { texts: ['a red fox', 'a hare', 'foxes that are red'] },
    tests: [{ name: 'one list', language: 'en', collection: 'texts', candidates: 3, quick: 1, lists }],
  };

  it.each([
    { scores: [0.1, 0.9, 0.3], both: 1 },
    { scores: [0.1, 0.8, 0.4], both: 1 / Math.log2(3) }, // not sure enough to outweigh BM25
  ])('is nDCG@10 of four orders; both together are standardised', async ({ scores, both }) => {
    const [result] = await measureUnseen(one, { scores: async () => scores });
    expect(result).toEqual({
      ...{ name: 'one list', candidates: 3, lists: 1 },
      ...{ found: 1 / 2, bm25: 1 / Math.log2(3), model: 1, both },
    });
  });
});
