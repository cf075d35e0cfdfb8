/** What is told of a request when it was answered: nothing of what its user wrote. */
export interface RequestEntry {
  readonly time: string;
  readonly id: string;
  readonly api: string;
  readonly status: number;
  /** What it ended with instead of a ranking. */
  readonly failure?: string;
  readonly seconds: number;
  readonly documents?: number;
  readonly tokens?: number;
  readonly waitSeconds?: number;
  readonly rankSeconds?: number;
}
