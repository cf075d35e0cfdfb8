/** How fast something goes, and how long it will go on. */

/** Older steps say nothing of the speed now. */
const WINDOW = 10_000; // milliseconds

/** Before this the speed is a guess. */
const SETTLED = 500; // milliseconds

export interface Pace {
  readonly perSecond: number;
  readonly secondsLeft: number;
}

export class Rate {
  readonly #steps: { readonly time: number; readonly done: number }[] = [];

  /** Notes how far it is at `time`, in milliseconds; gives the pace of the last seconds, once there is one. */
  note(done: number, total: number, time: number): Pace | undefined {
    this.#steps.push({ time, done });
    while (this.#steps.length > 2 && this.#steps[1]!.time <= time - WINDOW) this.#steps.shift();
    const first = this.#steps[0]!;
    const seconds = (time - first.time) / 1000;
    if (seconds < SETTLED / 1000 || done <= first.done) return undefined;
    const perSecond = (done - first.done) / seconds;
    return { perSecond, secondsLeft: (total - done) / perSecond };
  }
}
