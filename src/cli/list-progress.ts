/** How many lists are ranked, how fast, and until when: on a terminal's last line, or in a log now and then. */
import type { WriteStream } from 'node:tty';
import { failureText } from './failure.js';
import { LastLine } from './last-line.js';
import { bar } from './progress-bar.js';

/** Milliseconds. */
const DRAW_EVERY = 200;
const LOG_EVERY = 30_000;

/** The speed is that of the last minute: workers come and go. */
const RECENT = 60_000; // milliseconds

export class ListProgress {
  readonly #line: LastLine;
  readonly #total: number | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #samples: { readonly at: number; readonly done: number }[];
  #done: number;

  /** Without a total, as in a worker, there is no end to be told. */
  constructor(terminal: WriteStream, { done = 0, total }: { done?: number; total?: number } = {}) {
    this.#line = new LastLine(terminal);
    this.#done = done;
    this.#total = total;
    this.#samples = [{ at: performance.now(), done }];
    const [tell, every] = terminal.isTTY
      ? [() => this.#line.draw(this.#text()), DRAW_EVERY]
      : [() => this.#log(), LOG_EVERY];
    this.#timer = setInterval(tell, every);
    this.#timer.unref();
  }

  readonly add = (): void => {
    this.#done++;
  };

  /** Writes a line of its own above. */
  readonly notify = (notice: string): void => this.#line.replace(failureText(notice, undefined));

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#line.clear();
  }

  #log(): void {
    const before = this.#samples.at(-1)!.done;
    const text = this.#text();
    if (this.#total !== undefined || this.#done > before) this.#line.replace(`${text}\n`);
  }

  #text(): string {
    const rate = this.#rate();
    const speed = `${rate.toLocaleString('en', { maximumSignificantDigits: 3 })} a second`;
    if (this.#total === undefined) return `${this.#done.toLocaleString('en')} lists ranked  ${speed}`;
    const count = `${this.#done.toLocaleString('en')} of ${this.#total.toLocaleString('en')} lists`;
    const left = rate > 0 ? `  ${duration((this.#total - this.#done) / rate)} left` : '';
    return `ranking  ${bar(this.#done, this.#total)}  ${count}  ${speed}${left}`;
  }

  /** Lists per second. */
  #rate(): number {
    const now = performance.now();
    this.#samples.push({ at: now, done: this.#done });
    while (this.#samples.length > 2 && this.#samples[0]!.at < now - RECENT) this.#samples.shift();
    const { at, done } = this.#samples[0]!;
    return (1000 * (this.#done - done)) / (now - at);
  }
}

/** Of seconds, as exact as an estimate may be. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
