/** What of a ranking is shown. */
import type { Passage } from '../documents/passage.js';

/** A document of a ranking. */
export interface Ranked {
  readonly passage: Passage;
  /** Its place in the documents that were given, from 0. */
  readonly index: number;
  readonly score: number;
  /** The place in the ranking, from 0, of a better document that says nearly the same. */
  readonly repeats: number | undefined;
}

export interface Choice {
  /** How many at most; all without it. */
  readonly best: number | undefined;
  /** The least score. */
  readonly from: number;
  readonly fold: boolean;
}

/** A document that is shown, and those that are folded into it. */
export interface Shown extends Ranked {
  /** From 1. */
  readonly rank: number;
  readonly alike: readonly Ranked[];
}

/** `ranking` is by relevance. Folded documents don't count among the best. */
export function select(ranking: readonly Ranked[], { best, from, fold }: Choice): Shown[] {
  const shown = new Map<number, Shown & { alike: Ranked[] }>();
  for (const [place, ranked] of ranking.entries()) {
    if (ranked.score < from) break;
    const leader = fold && ranked.repeats !== undefined ? shown.get(ranked.repeats) : undefined;
    if (leader) leader.alike.push(ranked);
    else if (!(fold && ranked.repeats !== undefined) && (best === undefined || shown.size < best)) {
      shown.set(place, { ...ranked, rank: place + 1, alike: [] });
    }
  }
  return [...shown.values()];
}
