/**
 * Documents picked so that each adds something: relevance and coverage, traded by `diversity`.
 *
 * A document j is worth r_j = max(score_j, 0). With a set S of documents the reader gets
 *
 *     F(S) = Σ_j r_j · ((1 − λ)·[j ∈ S] + λ·max_{i ∈ S} similarity(i, j)) / Σ_j r_j
 *
 * of what the list holds: all that a document is worth when it is in S, and when it is not, the share λ of it as far
 * as the nearest document in S says the same. With λ = 0 this is the sum of relevance, with λ = 1 facility location
 * weighted by relevance, so that covering what answers nothing earns nothing. F is monotone and submodular (what a
 * document adds only shrinks as S grows), F of nothing is 0 and F of all is 1. So picking greedily whatever adds most
 * reaches at least 1 − 1/e of the best F of any set as large (Nemhauser, Wolsey and Fisher 1978), after each pick.
 */
import type { Steps } from './steps.js';

/** Similarities kept at most, 64 MiB: those of 4,096 documents. Of longer lists some are computed again. */
const MOST_KEPT = 2 ** 24;

/** A document that was picked. */
export interface Picked {
  /** Its place in the documents that were given. */
  readonly index: number;
  /** What it added to F: the gains of a list add up to at most 1, and none is larger than the one before. */
  readonly gain: number;
}

/**
 * The first `count` documents that the greedy choice picks from `candidates`, the most relevant of which comes first;
 * where two add the same, the more relevant comes first.
 * With `diversity` 0 that is the order of relevance. Scores and similarities below 0 count as 0: documents that are
 * worth nothing and cover nothing come last, by relevance, with a gain of 0.
 *
 * The choice is lazy (Minoux 1978): a gain computed earlier bounds the gain now, so only a document whose bound is
 * the largest is looked at again. Rounding keeps that order too, for every term of a gain can only shrink. The first
 * gains take a product of every two embeddings: about 1.5 s for 1,000 documents with 512 numbers each, in steps of one
 * document's.
 */
export function* pickDiverse(
  embeddings: readonly Float32Array[],
  scores: readonly number[],
  candidates: readonly number[],
  diversity: number, // λ, from 0 to 1
  count: number,
): Steps<Picked[]> {
  const worth = scores.map((score) => Math.max(score, 0));
  const total = worth.reduce((sum, value) => sum + value, 0);
  const relevant = worth.flatMap((value, index) => (value > 0 && diversity > 0 ? [index] : []));
  const similarities = similarityRows(embeddings, relevant);
  const covered = new Float32Array(relevant.length); // how near the nearest pick is

  const gainOf = (index: number): number => {
    const row = similarities(index);
    let coverage = 0;
    for (let j = 0; j < row.length; j++) {
      coverage += worth[relevant[j]!]! * Math.max(row[j]! - covered[j]!, 0);
    }
    return (1 - diversity) * worth[index]! + diversity * coverage;
  };
  const cover = (index: number): void => {
    const row = similarities(index);
    for (let j = 0; j < row.length; j++) covered[j] = Math.max(covered[j]!, row[j]!);
  };

  const left: { index: number; bound: number; seen: number }[] = [];
  for (const index of candidates) {
    left.push({ index, bound: gainOf(index), seen: 0 });
    yield;
  }
  const picks: Picked[] = [];
  while (picks.length < count && left.length > 0) {
    const place = largestBound(left);
    const candidate = left[place]!;
    if (candidate.seen < picks.length) {
      candidate.bound = gainOf(candidate.index);
      candidate.seen = picks.length;
    } else {
      cover(candidate.index);
      picks.push({ index: candidate.index, gain: total > 0 ? candidate.bound / total : 0 });
      left.splice(place, 1);
    }
    yield;
  }
  return picks;
}

/** The place of the largest bound, the first of them where several are equal. */
function largestBound(candidates: readonly { readonly bound: number }[]): number {
  return candidates.reduce((best, { bound }, place) => (bound > candidates[best]!.bound ? place : best), 0);
}

/**
 * How near a document is to each of the documents `to`: cosines from 0, as what points away says nothing, to 1.
 * Rows are computed when they are asked for, and kept as far as `MOST_KEPT` goes.
 */
function similarityRows(
  embeddings: readonly Float32Array[],
  to: readonly number[],
): (index: number) => Float32Array {
  const directions = embeddings.map(normalized);
  const kept = new Map<number, Float32Array>();
  return (index) => {
    const known = kept.get(index);
    if (known) return known;
    const row = new Float32Array(to.length);
    for (let j = 0; j < row.length; j++) {
      const cosine = dot(directions[index]!, directions[to[j]!]!);
      row[j] = to[j] === index ? 1 : Math.min(Math.max(cosine, 0), 1);
    }
    if ((kept.size + 1) * to.length <= MOST_KEPT) kept.set(index, row);
    return row;
  };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The vector with length 1; a zero vector stays one. */
function normalized(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((value) => value / length) : vector;
}
