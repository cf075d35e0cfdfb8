/** Whether it matters where in its list the relevant document stands. */
import { type List, withRelevantAt } from './lists.js';
import type { Methods } from './methods.js';
import { mean, metricsOf } from './metrics.js';

/** In a list of 16. */
export const PLACES = [0, 3, 7, 11, 15];

export interface AtPlace {
  readonly place: number;
  /** Of the relevant document, the mean over all lists. */
  readonly score: number;
  readonly accuracy: number;
}

export interface PositionBias {
  readonly lists: number;
  readonly places: readonly AtPlace[];
  /** The largest mean score less the smallest. */
  readonly spread: number;
}

export async function measurePositionBias(lists: readonly List[], methods: Methods): Promise<PositionBias> {
  const places: AtPlace[] = [];
  for (const place of PLACES) places.push(await measureAt(place, lists, methods));
  const scores = places.map(({ score }) => score);
  return { lists: lists.length, places, spread: Math.max(...scores) - Math.min(...scores) };
}

async function measureAt(place: number, lists: readonly List[], methods: Methods): Promise<AtPlace> {
  const all: (readonly number[])[] = [];
  for (const list of lists) all.push(await methods.model(withRelevantAt(list, place)));
  return {
    place,
    score: mean(all.map((scores) => scores[place]!)),
    accuracy: mean(all.map((scores) => metricsOf(scores, place).accuracy)),
  };
}
