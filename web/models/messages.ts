/** What the page and the worker that downloads tell each other. */
import type { CachedRepository, HubModelDescription } from 'listwise';

export interface HubAddress {
  readonly name: string;
  readonly endpoint: string;
}

/** What can be asked, and the answer. */
export interface Tasks {
  readonly describe: { readonly takes: HubAddress; readonly gives: HubModelDescription };
  /** Whether all of a model is here. */
  readonly isWhole: { readonly takes: HubAddress; readonly gives: boolean };
  readonly download: { readonly takes: HubAddress; readonly gives: undefined };
  readonly list: { readonly takes: undefined; readonly gives: readonly CachedRepository[] };
  readonly remove: { readonly takes: { readonly repository: string }; readonly gives: undefined };
}

export type TaskName = keyof Tasks;

export type ModelRequest =
  | { readonly id: number; readonly abort: true }
  | {
      [Name in TaskName]: { readonly id: number; readonly task: Name; readonly input: Tasks[Name]['takes'] };
    }[TaskName];

export interface DownloadState {
  readonly done: number; // bytes
  readonly total: number;
}

/** What is told of a task before it ends. */
export type TaskReport =
  | { readonly type: 'progress'; readonly progress: DownloadState }
  | { readonly type: 'notice'; readonly notice: string }
  /** Another tab downloads the same model. */
  | { readonly type: 'waiting' };

/** A task has any number of reports, then one of the others. */
export type ModelReply = { readonly id: number } & (
  | TaskReport
  | { readonly type: 'done'; readonly value: Tasks[TaskName]['gives'] }
  | { readonly type: 'failed'; readonly message: string; readonly hint: string | undefined }
  | { readonly type: 'aborted' }
);
