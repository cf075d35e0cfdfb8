/** A thread, alike in Node and in browsers. */
export interface PlatformWorker {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onError(listener: (error: unknown) => void): void;
  /** Keeps the process alive while work is under way; `unref` lets it end. */
  ref(): void;
  unref(): void;
  terminate(): Promise<void>;
}

/** Starts a worker that runs a script, given as text. Whether it runs shows when it answers, or its error comes. */
export type WorkerStart = (script: string) => PlatformWorker;
