import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BlockEmbeddings, cosine, mergeQueries, scoreDocuments } from '../../src/reranker/scores.js';

const vector = (...values: number[]) => Float32Array.from(values);

describe('cosine', () => {
  it.each([
    [vector(1, 0), vector(1, 0), 1],
    [vector(1, 0), vector(0, 3), 0],
    [vector(2, 0), vector(-5, 0), -1],
    [vector(3, 4), vector(4, 3), 24 / 25],
    [vector(1, 1, 1, 1), vector(1, 1, 1, -1), 0.5],
  ])('of %o and %o is %f', (a, b, expected) => {
    expect(cosine(a, b)).toBe(Math.fround(expected));
  });

  it('of a zero vector is 0, not NaN', () => {
    expect(cosine(vector(0, 0), vector(1, 2))).toBe(0);
    expect(cosine(vector(0, 0), vector(0, 0))).toBe(0);
  });

  it('of vectors too short to have a direction goes to 0, as in PyTorch', () => {
    expect(cosine(vector(1e-10, 0), vector(1, 0))).toBeCloseTo(0.01, 6);
  });

  it('of long vectors does not overflow', () => {
    expect(cosine(vector(3e38, 3e38), vector(3e38, 3e38))).toBe(1);
  });

  it('is a 32-bit float from −1 to 1, the same both ways and at any length', () => {
    const vectors = fc.float32Array({ minLength: 8, maxLength: 8, noNaN: true, min: -1000, max: 1000 });
    fc.assert(
      fc.property(vectors, vectors, (a, b) => {
        const score = cosine(a, b);
        expect(score).toBe(Math.fround(score));
        expect(Math.abs(score)).toBeLessThanOrEqual(1);
        expect(cosine(b, a)).toBe(score);
        // Where the norms are not close to nothing; doubling is exact.
        const doubled = a.map((value) => 2 * value);
        if (Math.hypot(...a) > 1e-6) expect(cosine(doubled, b)).toBe(score);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe('blocks are merged', () => {
  // Scores in the first block: 1 and 0; in the second: 3/5 and −1. So weights are (1 + 1)/2 = 1 and (1 + 0.6)/2 = 0.8.
  const first: BlockEmbeddings = { query: vector(2, 0), documents: [vector(5, 0), vector(0, 1)] };
  const second: BlockEmbeddings = { query: vector(0, 9), documents: [vector(4, 3), vector(0, -2)] };

  it('each query weighing as much as its best document is relevant', () => {
    const [x, y] = mergeQueries([first, second]);
    expect(x).toBeCloseTo((1 * 2) / 1.8, 6);
    expect(y).toBeCloseTo((0.8 * 9) / 1.8, 6);
  });

  it('and all documents are scored by the merged query, in input order', () => {
    // The merged query is (10/9, 4), along (5, 18): its length is √349.
    const expected = [5, 18, (4 * 5 + 3 * 18) / 5, -18].map((dot) => dot / Math.sqrt(349));
    const scores = scoreDocuments([first, second]);
    expect(scores).toHaveLength(4);
    scores.forEach((score, i) => {
      expect(score).toBeCloseTo(expected[i]!, 6);
    });
  });

  it('in any order', () => {
    const [a, b, c, d] = scoreDocuments([first, second]);
    expect(scoreDocuments([second, first])).toEqual([c, d, a, b]);
  });

  it('a single one to its own query', () => {
    expect(mergeQueries([first])).toEqual(first.query);
    expect(scoreDocuments([second])).toEqual(
      second.documents.map((document) => cosine(document, second.query)),
    );
  });

  it('a single one to its own query’s direction where every document is its opposite', () => {
    const opposed: BlockEmbeddings = { query: vector(3, -4), documents: [vector(-3, 4), vector(-6, 8)] };
    expect(cosine(mergeQueries([opposed]), opposed.query)).toBe(1);
    expect(scoreDocuments([opposed])).toEqual([-1, -1]);
  });

  it('where embeddings are zero, and scores stay finite', () => {
    const empty: BlockEmbeddings = { query: vector(0, 0), documents: [vector(0, 0)] };
    expect(scoreDocuments([empty])).toEqual([0]);
    expect(scoreDocuments([empty, first]).every(Number.isFinite)).toBe(true);
  });
});
