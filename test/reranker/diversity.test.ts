/** Picks for relevance and coverage: the promises of the greedy choice, and what they do to a ranking. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pickDiverse } from '../../src/reranker/diversity.js';
import { Reranker } from '../../src/reranker/reranker.js';
import { byRelevance, cosine } from '../../src/reranker/scores.js';
import { finish } from '../../src/reranker/steps.js';
import { failure } from '../support/failure.js';
import { reproducible } from '../support/hostile-text.js';
import { random } from '../support/random.js';

interface List {
  readonly embeddings: Float32Array[];
  readonly scores: number[];
}

/** Lists with duplicates, zero vectors and scores of both signs. */
const lists = (maxLength: number): fc.Arbitrary<List> =>
  fc
    .array(
      fc.record({
        embedding: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 }),
        score: fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), fc.constantFrom(0, 0.5, 1)),
        twice: fc.boolean(),
      }),
      { minLength: 1, maxLength: maxLength / 2 },
    )
    .map((documents) => documents.flatMap((document) => (document.twice ? [document, document] : [document])))
    .map((documents) => ({
      embeddings: documents.map(({ embedding }) => Float32Array.from(embedding)),
      scores: documents.map(({ score }) => score),
    }));

const diversities = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.5, 1));

const pickAll = ({ embeddings, scores }: List, diversity: number) =>
  finish(pickDiverse(embeddings, scores, byRelevance(scores), diversity, scores.length));

/** F of a set, as the formula stands, without any of the code that is tested but the cosine. */
function worthOf({ embeddings, scores }: List, diversity: number, set: readonly number[]): number {
  const worth = scores.map((score) => Math.max(score, 0));
  const total = worth.reduce((a, b) => a + b, 0);
  if (total === 0) return 0;
  const earned = worth.map((value, j) => {
    const near = set.map((i) => (i === j ? 1 : Math.max(cosine(embeddings[i]!, embeddings[j]!), 0)));
    return value * ((1 - diversity) * Number(set.includes(j)) + diversity * Math.max(0, ...near));
  });
  return earned.reduce((a, b) => a + b, 0) / total;
}

function subsetsOf(items: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => subsetsOf(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}

const dot = (a: Float32Array, b: Float32Array) => a[0]! * b[0]! + a[1]! * b[1]!;

/** What a document in the plane, of length 1, would cover that is not covered yet. */
function coverage(
  embedding: Float32Array,
  embeddings: readonly Float32Array[],
  scores: readonly number[],
  covered: Float32Array,
): number {
  return embeddings.reduce(
    (sum, other, j) => sum + scores[j]! * Math.max(dot(embedding, other) - covered[j]!, 0),
    0,
  );
}

const vector = (...values: number[]) => Float32Array.from(values);

describe('the greedy choice', () => {
  it('picks every document once, as many as are wanted', () => {
    fc.assert(
      fc.property(lists(12), diversities, fc.nat(14), (list, diversity, count) => {
        const all = pickAll(list, diversity).map(({ index }) => index);
        expect([...all].sort((a, b) => a - b)).toEqual(list.scores.map((_, i) => i));
        const some = finish(
          pickDiverse(list.embeddings, list.scores, byRelevance(list.scores), diversity, count),
        );
        expect(some.map(({ index }) => index)).toEqual(all.slice(0, count));
      }),
      reproducible,
    );
  });

  it('without diversity is the order of relevance', () => {
    fc.assert(
      fc.property(lists(12), (list) => {
        const order = pickAll(list, 0).map(({ index }) => index);
        expect(order).toEqual(byRelevance(list.scores));
      }),
      reproducible,
    );
  });

  it('says with each gain what the pick adds, never more than the one before, up to 1 in all', () => {
    fc.assert(
      fc.property(lists(12), diversities, (list, diversity) => {
        const picks = pickAll(list, diversity);
        picks.forEach(({ gain }, k) => {
          const [before, with_] = [k, k + 1].map((end) =>
            worthOf(
              list,
              diversity,
              picks.slice(0, end).map(({ index }) => index),
            ),
          );
          expect(gain).toBeCloseTo(with_! - before!, 5); // the cosine is a 32-bit float
          expect(gain).toBeGreaterThanOrEqual(0);
          expect(gain).toBeLessThanOrEqual(picks[k - 1]?.gain ?? 1 + 1e-12);
        });
        const sum = picks.reduce((total, { gain }) => total + gain, 0);
        expect(sum).toBeCloseTo(list.scores.some((score) => score > 0) ? 1 : 0, 9);
      }),
      reproducible,
    );
  });

  it('takes what adds most, though it looks only at few: as a search through all that are left', () => {
    fc.assert(
      fc.property(lists(12), diversities, (list, diversity) => {
        const picked: number[] = [];
        for (const { index, gain } of pickAll(list, diversity)) {
          const before = worthOf(list, diversity, picked);
          const gains = list.scores.map((_, i) =>
            picked.includes(i) ? 0 : worthOf(list, diversity, [...picked, i]) - before,
          );
          expect(gain).toBeGreaterThan(Math.max(...gains) - 1e-5);
          picked.push(index);
        }
      }),
      { ...reproducible, numRuns: 100 },
    );
  });

  it('reaches 1 − 1/e of the best set of any size', () => {
    fc.assert(
      fc.property(lists(8), diversities, (list, diversity) => {
        const order = pickAll(list, diversity).map(({ index }) => index);
        for (let size = 1; size <= order.length; size++) {
          const sets = subsetsOf(
            list.scores.map((_, i) => i),
            size,
          );
          const best = Math.max(...sets.map((set) => worthOf(list, diversity, set)));
          const reached = worthOf(list, diversity, order.slice(0, size));
          expect(reached).toBeGreaterThanOrEqual((1 - 1 / Math.E) * best - 1e-6);
        }
      }),
      { ...reproducible, numRuns: 100 },
    );
  });

  it('picks alike where the list is too long for all similarities to be kept', () => {
    const count = 4100; // 4,096 would fit
    const { next } = random(7);
    const turns = Array.from({ length: count }, () => next() ** 2 * Math.PI);
    const embeddings = turns.map((turn) => vector(Math.cos(turn), Math.sin(turn)));
    const scores = turns.map(() => 0.5 + next() / 2);
    const covered = new Float32Array(count);
    const picks = finish(pickDiverse(embeddings, scores, byRelevance(scores), 1, 3));
    for (const { index } of picks) {
      const gains = embeddings.map((embedding) => coverage(embedding, embeddings, scores, covered));
      expect(gains[index]).toBeGreaterThan(Math.max(...gains) - 1e-3);
      embeddings.forEach((other, j) => {
        covered[j] = Math.max(covered[j]!, dot(embeddings[index]!, other));
      });
    }
  });
});

describe('a document that says what another says', () => {
  // Two subjects, the first told three times; the last document answers nothing.
  const list: List = {
    embeddings: [vector(1, 0, 0), vector(2, 0, 0), vector(1, 0, 0.1), vector(0, 1, 0), vector(0, 0, 1)],
    scores: [0.9, 0.88, 0.86, 0.5, -0.2],
  };

  it.each([
    [0, [0, 1, 2, 3, 4]],
    [0.6, [0, 3, 1, 2, 4]],
    [1, [0, 3, 2, 1, 4]],
  ])('gives way to another subject, at a diversity of %d', (diversity, order) => {
    expect(pickAll(list, diversity).map(({ index }) => index)).toEqual(order);
  });

  it('adds nothing where only coverage counts, and comes after all that adds something', () => {
    const [first, second, third, fourth, last] = pickAll(list, 1).map(({ gain }) => gain);
    expect([first! > 0.5, second! > 0.1]).toEqual([true, true]);
    expect(third).toBeCloseTo(0, 2);
    expect([fourth, last]).toEqual([0, 0]);
  });

  it('never gives way to what answers nothing', () => {
    const order = pickAll({ ...list, scores: [0.9, 0.88, 0.86, 0, -0.2] }, 0.9).map(({ index }) => index);
    expect(order.slice(3)).toEqual([3, 4]);
  });

  it('keeps the order of relevance where nothing is relevant', () => {
    expect(pickAll({ ...list, scores: [-0.3, -0.1, -0.2, -1, 0] }, 0.5)).toEqual(
      [4, 1, 2, 0, 3].map((index) => ({ index, gain: 0 })),
    );
  });
});

describe('a ranking with diversity', () => {
  const QUERY = 'edit photos';
  const DOCUMENTS = [
    'An image editor: retouch photographs, compose pictures, convert formats.',
    'Image editor to retouch photographs, compose pictures and convert formats.',
    'An image editor. It retouches photographs, composes pictures, converts formats.',
    'Command line tools that resize, rotate and crop pictures in bulk.',
    'Manages a library of photographs: tags, albums, slide shows.',
    'A chess engine without a board.',
  ];
  const NEAR_DUPLICATES = new Set([0, 1, 2]);

  let reranker: Reranker;
  beforeAll(async () => {
    reranker = await Reranker.load(undefined, { device: 'wasm', threads: 1 });
  });
  afterAll(() => reranker.dispose());

  it('spreads near-duplicates, and says what each document adds', async () => {
    const plain = await reranker.rerank(QUERY, DOCUMENTS);
    const places = (ranking: typeof plain) =>
      ranking.flatMap(({ index }, place) => (NEAR_DUPLICATES.has(index) ? [place] : []));
    expect(plain.every((document) => !('gain' in document))).toBe(true);
    expect(places(plain)).toEqual([0, 1, 2]);

    const diverse = await reranker.rerank(QUERY, DOCUMENTS, { diversity: 0.8 });
    expect(NEAR_DUPLICATES.has(diverse[0]!.index)).toBe(true); // one of them leads still
    expect(places(diverse)[1]).toBeGreaterThan(1);
    const gains = diverse.map(({ gain }) => gain!);
    expect(gains).toEqual([...gains].sort((a, b) => b - a));
    // The scores are what they were: only the order is another.
    const scores = (ranking: typeof plain) =>
      new Map(ranking.map(({ index, relevanceScore }) => [index, relevanceScore]));
    expect(scores(diverse)).toEqual(scores(plain));
  });

  it('of 0 is the order of relevance; topN takes the first picks', async () => {
    const [plain, zero, all, two] = [
      await reranker.rerank(QUERY, DOCUMENTS),
      await reranker.rerank(QUERY, DOCUMENTS, { diversity: 0 }),
      await reranker.rerank(QUERY, DOCUMENTS, { diversity: 0.8 }),
      await reranker.rerank(QUERY, DOCUMENTS, { diversity: 0.8, topN: 2 }),
    ];
    expect(zero.map(({ gain: _, ...rest }) => rest)).toEqual([...plain]);
    expect([...two]).toEqual(all.slice(0, 2));
    expect(await reranker.rerank(QUERY, [], { diversity: 1 })).toHaveLength(0);
  });

  it.each([-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY, '0.5', null])('refuses %s', async (diversity) => {
    const options = { diversity: diversity as number };
    await expect(reranker.rerank(QUERY, DOCUMENTS, options)).rejects.toEqual(
      failure('invalid-input', /^diversity is .+, expected a number from 0 to 1\.$/),
    );
  });
});
