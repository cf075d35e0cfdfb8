/** How a forward pass is cut into submissions: between two of them there is room for progress and for aborting. */
import type { Device, Pass } from '../device/device.js';
import type { Observer, Place, RowsView, ScoresView, View } from './observer.js';

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called at the start, and after each step: a chunk of rows in one layer. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Looks into a run of a single sequence. */
  readonly observer?: Observer | undefined;
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
    const pass = this.pass();
    record(pass);
    await pass.submit(this.#options.signal);
  }

  /** Rows of some tokens on their way through a layer. */
  step(layer: number, tokens: () => readonly number[]): Step {
    return new Step(this, layer, tokens, this.#options);
  }

  pass(): Pass {
    this.#options.signal?.throwIfAborted();
    return this.#device.pass();
  }

  /** A chunk of a layer is done. */
  count(): void {
    this.#done++;
    this.#options.onProgress?.(this.#done, this.#total);
  }
}

/** One pass, or several where somebody looks in between. */
export class Step {
  readonly #run: Run;
  readonly #layer: number;
  readonly #tokens: () => readonly number[];
  readonly #options: RunOptions;
  #pass: Pass;

  constructor(run: Run, layer: number, tokens: () => readonly number[], options: RunOptions) {
    this.#run = run;
    this.#layer = layer;
    this.#tokens = tokens;
    this.#options = options;
    this.#pass = run.pass();
  }

  /** What is recorded in it runs when somebody looks, or at the end. */
  get pass(): Pass {
    return this.#pass;
  }

  /** Shows what was computed to an observer that watches this place. */
  async show(place: RowsView['place'], rows: RowsView['rows']): Promise<void> {
    if (this.#isWatched(place)) await this.#look({ place, layer: this.#layer, tokens: this.#tokens(), rows });
  }

  /** The same for what attention is about to compare. */
  async showScores(
    compared: Pick<ScoresView, 'queries' | 'keysValues' | 'positions' | 'window'>,
  ): Promise<void> {
    if (!this.#isWatched('scores')) return;
    await this.#look({ place: 'scores', layer: this.#layer, tokens: this.#tokens(), ...compared });
  }

  async submit(): Promise<void> {
    await this.#pass.submit(this.#options.signal);
  }

  #isWatched(place: Place): boolean {
    return this.#options.observer?.watches(this.#layer, place) ?? false;
  }

  async #look(view: View): Promise<void> {
    await this.submit();
    await this.#options.observer!.see(view);
    this.#pass = this.#run.pass();
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
