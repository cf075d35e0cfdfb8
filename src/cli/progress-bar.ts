/** How far a slow load or rerank has come, on a terminal's last line. */
import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';
import type { Progress } from '../reranker/options.js';
import { failureText } from './failure.js';
import { cutToWidth } from './terminal-text.js';

const CELLS = 30;

/** What is done before this is not worth a bar. */
const PATIENCE = 500; // milliseconds

const LABELS: Readonly<Record<Progress['phase'], string>> = {
  download: 'downloading',
  load: 'loading',
  rerank: 'ranking',
};

export class ProgressBar {
  readonly #terminal: WriteStream;
  #phase: Progress['phase'] | undefined;
  #start = performance.now();
  #drawn = 0; // UTF-16 units on the line

  constructor(terminal: WriteStream) {
    this.#terminal = terminal;
  }

  /** Draws the bar, on a terminal and once the phase has taken a while. To be passed as `onProgress`. */
  readonly show = ({ phase, done, total, file }: Progress): void => {
    if (this.#phase !== undefined && phase !== this.#phase) this.#start = performance.now();
    this.#phase = phase;
    if (!this.#terminal.isTTY || performance.now() - this.#start < PATIENCE) return;
    const filled = Math.floor((CELLS * done) / total);
    const percent = String(Math.floor((100 * done) / total)).padStart(3);
    const bar = `${LABELS[phase]}  ${'█'.repeat(filled).padEnd(CELLS, '░')}  ${percent} %`;
    const bytes = file ? `  ${megabytes(done)} of ${megabytes(total)} MB  ${file.name}` : '';
    const line = cutToWidth(bar + bytes, this.#terminal.columns - 1);
    if (line.length < this.#drawn) this.clear();
    this.#terminal.write(`\r${line}`);
    this.#drawn = line.length;
  };

  /** Writes a line of its own where the bar was. */
  readonly notify = (notice: string): void => {
    this.clear();
    this.#terminal.write(failureText(notice, undefined));
  };

  clear(): void {
    if (this.#drawn === 0) return;
    clearLine(this.#terminal, 0);
    cursorTo(this.#terminal, 0);
    this.#drawn = 0;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}

function megabytes(bytes: number): string {
  return Math.floor(bytes / 1e6).toLocaleString('en');
}
