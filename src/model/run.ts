/** How a forward pass is cut into submissions: between two of them there is room for progress and for aborting. */
import type { Device, Pass } from '../device/device.js';

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called at the start, and after each step: a chunk of rows in one layer. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** The passes of one forward run: each is submitted alone, and counted. */
export class Run {
  readonly #device: Device;
  readonly #total: number;
  readonly #options: RunOptions;
  #done = 0;

  constructor(device: Device, total: number, options: RunOptions) {
    this.#device = device;
    this.#total = total;
    this.#options = options;
    options.onProgress?.(0, total);
  }

  async submit(record: (pass: Pass) => void): Promise<void> {
    this.#options.signal?.throwIfAborted();
    const pass = this.#device.pass();
    record(pass);
    await pass.submit(this.#options.signal);
  }

  /** A submission that counts as progress: a chunk of a layer. */
  async step(record: (pass: Pass) => void): Promise<void> {
    await this.submit(record);
    this.#done++;
    this.#options.onProgress?.(this.#done, this.#total);
  }
}

/** Rows 0 to `rows`, at most `size` at a time. */
export function chunksOf(rows: number, size: number): { start: number; count: number }[] {
  const chunks = Math.ceil(rows / size);
  return Array.from({ length: chunks }, (_, i) => ({
    start: i * size,
    count: Math.min(size, rows - i * size),
  }));
}
