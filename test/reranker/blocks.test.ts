import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dealBlocks } from '../../src/reranker/blocks.js';

const CONTEXT = 131_072;
const LIMIT = 2048;

/** How many documents each block gets. */
const sizes = (...parameters: Parameters<typeof dealBlocks>) =>
  dealBlocks(...parameters).map(({ start, end }) => end - start);
const equal = (count: number, length: number) => Array<number>(count).fill(length);

/**
 * The rule as the released code states it, document by document: append it, subtract its length; close the block
 * when it holds 125 or when what is left is no more than a document's limit.
 */
function dealByTheRule(
  lengths: readonly number[],
  queryLength: number,
  context: number,
  limit: number,
): number[][] {
  const capacity = context - 2 * queryLength;
  const blocks: number[][] = [];
  let block: number[] = [];
  let left = capacity;
  lengths.forEach((length, index) => {
    block.push(index);
    left -= length;
    if (block.length >= 125 || left <= limit) {
      blocks.push(block);
      block = [];
      left = capacity;
    }
  });
  if (block.length > 0) blocks.push(block);
  return blocks;
}

describe('documents are dealt into blocks', () => {
  it('of 125 at most', () => {
    expect(sizes(equal(124, 10), 8, CONTEXT, LIMIT)).toEqual([124]);
    expect(sizes(equal(125, 10), 8, CONTEXT, LIMIT)).toEqual([125]);
    expect(sizes(equal(126, 10), 8, CONTEXT, LIMIT)).toEqual([125, 1]);
    expect(sizes(equal(300, 0), 8, CONTEXT, LIMIT)).toEqual([125, 125, 50]);
  });

  it('until no more is left than one document may need', () => {
    // 10000 − 2·500 = 9000: after seven documents 2000 are left, which is no more than the limit.
    expect(sizes(equal(10, 1000), 500, 10_000, 2000)).toEqual([7, 3]);
    expect(sizes(equal(10, 1000), 500, 10_000, 1999)).toEqual([8, 2]);
    expect(sizes(equal(10, 1000), 499, 10_000, 2000)).toEqual([8, 2]);
  });

  it('as full in each block as in the first', () => {
    expect(sizes(equal(24, 1000), 500, 10_000, 2000)).toEqual([7, 7, 7, 3]);
  });

  it('one by one where query or limit leave no room', () => {
    expect(sizes(equal(3, 10), 5000, 10_000, 2000)).toEqual([1, 1, 1]);
    expect(sizes(equal(3, 10), 1, 10_000, 10_000)).toEqual([1, 1, 1]);
  });

  it('not at all where there are none', () => {
    expect(dealBlocks([], 8, CONTEXT, LIMIT)).toEqual([]);
  });

  it('each once, in their order, by the released rule', () => {
    const requests = fc.tuple(
      fc.oneof(fc.array(fc.nat(3000), { maxLength: 300 }), fc.array(fc.nat(60), { maxLength: 400 })),
      fc.nat(600),
      fc.constantFrom(1024, 8192, 131_072),
      fc.integer({ min: 1, max: 3000 }),
    );
    fc.assert(
      fc.property(requests, ([lengths, queryLength, context, limit]) => {
        const dealt = dealBlocks(lengths, queryLength, context, limit).map(({ start, end }) =>
          Array.from({ length: end - start }, (_, i) => start + i),
        );
        expect(dealt).toEqual(dealByTheRule(lengths, queryLength, context, limit));
        expect(dealt.flat()).toEqual([...lengths.keys()]);
        expect(dealt.every((block) => block.length > 0)).toBe(true);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
