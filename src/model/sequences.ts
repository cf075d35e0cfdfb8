/**
 * Several prompts in one run: their rows stand one after the other, so that every linear layer multiplies all of them
 * at once, and each prompt attends to itself alone.
 */
import type { KvCache } from './kv-cache.js';

/** Tokens to run. */
export interface Sequence {
  readonly ids: readonly number[];
  /** Places in `ids` whose final hidden states are wanted, ascending. */
  readonly rows: readonly number[];
  /** What `ids` continue. */
  readonly prefix?: KvCache | undefined;
  /** Is filled with the keys and values of the first tokens, of the prefix and of `ids`, for which it has room. */
  readonly keep?: KvCache | undefined;
}

/** What of a sequence decides about a run's memory. */
export interface SequenceShape {
  /** Tokens before those that are run. */
  readonly start: number;
  readonly tokens: number;
  readonly rows: readonly number[];
}

export function shapeOf({ ids, rows, prefix }: Sequence): SequenceShape {
  return { start: prefix?.length ?? 0, tokens: ids.length, rows };
}

/** Rows of a chunk that belong to one sequence. */
export interface Part {
  /** Which sequence. */
  readonly sequence: number;
  /** The part's first row in the chunk, and in the sequence. */
  readonly inChunk: number;
  readonly inSequence: number;
  readonly count: number;
}

/** Cuts the rows from `start` on, of sequences that have so many rows each and stand in a row, by sequence. */
export function partsOf(rows: readonly number[], start: number, count: number): Part[] {
  const parts: Part[] = [];
  let first = 0;
  for (const [sequence, own] of rows.entries()) {
    const from = Math.max(start, first);
    const to = Math.min(start + count, first + own);
    if (from < to) {
      parts.push({ sequence, inChunk: from - start, inSequence: from - first, count: to - from });
    }
    first += own;
  }
  return parts;
}

/** Where each of some lengths begins when they stand one after the other. */
export function offsetsOf(lengths: readonly number[]): number[] {
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return end - length;
  });
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
