/** How far a slow load or rerank has come, on a terminal's last line. */
import type { WriteStream } from 'node:tty';
import type { Progress } from '../reranker/options.js';
import { failureText } from './failure.js';
import { LastLine } from './last-line.js';

const CELLS = 30;

/** What is done before this is not worth a bar. */
const PATIENCE = 500; // milliseconds

/** Reading is of a batch's files, in bytes. */
type Phase = Progress['phase'] | 'read';

const LABELS: Readonly<Record<Phase, string>> = {
  read: 'reading',
  download: 'downloading',
  tune: 'timing kernels',
  load: 'loading',
  rerank: 'ranking',
};

export class ProgressBar {
  readonly #line: LastLine;
  #phase: Phase | undefined;
  #start = performance.now();

  constructor(terminal: WriteStream) {
    this.#line = new LastLine(terminal);
  }

  /** Draws the bar, on a terminal and once the phase has taken a while. To be passed as `onProgress`. */
  readonly show = ({ phase, done, total, file }: Omit<Progress, 'phase'> & { phase: Phase }): void => {
    if (this.#phase !== undefined && phase !== this.#phase) this.#start = performance.now();
    this.#phase = phase;
    if (performance.now() - this.#start < PATIENCE) return;
    const percent = String(Math.floor((100 * done) / total)).padStart(3);
    const bytes = file ? `  ${megabytes(done)} of ${megabytes(total)} MB  ${file.name}` : '';
    this.#line.draw(`${LABELS[phase]}  ${bar(done, total)}  ${percent} %${bytes}`);
  };

  /** Writes a line of its own where the bar was. */
  readonly notify = (notice: string): void => this.#line.replace(failureText(notice, undefined));

  clear(): void {
    this.#line.clear();
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}

export function bar(done: number, total: number): string {
  return '█'.repeat(Math.floor((CELLS * done) / total)).padEnd(CELLS, '░');
}

function megabytes(bytes: number): string {
  return Math.floor(bytes / 1e6).toLocaleString('en');
}
