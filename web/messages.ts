/** What the page and the worker tell each other. A request replaces the one before it, if that still runs. */
import type { DeviceKind, Progress } from 'listwise';
import type { TraceSummary } from 'listwise/inside';
import type { ModelChoice } from './models/choice.js';

/** What a visitor can choose: a device, or whichever is best. */
export type DeviceChoice = DeviceKind | 'automatic';

export type Request = { readonly job: number } & (
  | ({ readonly type: 'prepare' } & Setting)
  | ({ readonly type: 'rank' | 'inspect' } & Setting & List)
  | { readonly type: 'cancel' }
);

/** What is to compute, and where. */
export interface Setting {
  readonly model: ModelChoice;
  readonly choice: DeviceChoice;
}

/** What is to be ranked, or looked into. */
export interface List {
  readonly query: string;
  readonly documents: readonly string[];
}

/** A job has any number of `progress` and `ranking`, then one of the others. */
export type Reply = { readonly job: number } & (
  | { readonly type: 'progress'; readonly progress: JobProgress }
  /** What is ranked so far, when there are several prompts. */
  | { readonly type: 'ranking'; readonly documents: readonly RankedIndex[] }
  | { readonly type: 'prepared'; readonly device: DeviceInUse }
  | { readonly type: 'ranked'; readonly device: DeviceInUse; readonly result: RankingResult }
  | { readonly type: 'inspected'; readonly device: DeviceInUse; readonly trace: TraceSummary }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly message: string; readonly hint: string | undefined }
);

/** `done` and `total` are bytes of the download, layers of the load or tokens of the rerank. */
export interface JobProgress {
  readonly phase: 'download' | Progress['phase'];
  readonly done: number;
  readonly total: number;
}

export interface DeviceInUse {
  readonly choice: DeviceChoice;
  readonly description: string;
  /** Why better devices were passed over. */
  readonly notices: readonly string[];
}

export interface RankingResult {
  /** Most relevant first. */
  readonly documents: readonly RankedIndex[];
  readonly tokens: number;
  /** Those of them that were there already and not run. */
  readonly cachedTokens: number;
  readonly seconds: number;
}

export interface RankedIndex {
  /** Its place in the list that was given, from 0. */
  readonly index: number;
  readonly score: number;
  /** The place in the ranking, from 0, of a better document that says nearly the same. */
  readonly repeats: number | undefined;
}
