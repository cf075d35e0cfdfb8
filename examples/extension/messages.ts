/** What the popup asks the service worker, and what it hears. */
/// <reference types="chrome" />

export interface Request {
  readonly tabId: number;
  readonly query: string;
}

/** Progress any number of times, from 0 to 1, then one of the others. */
export type Reply = { readonly progress: number } | { readonly problem: string } | Ranked;

export interface Ranked {
  readonly results: readonly Result[];
  /** How many passages the page has. */
  readonly passages: number;
  /** What computed, for people. */
  readonly device: string;
}

export interface Result {
  /** The passage's place in the page. */
  readonly place: number;
  readonly score: number;
  readonly text: string;
}
