/** How far a slow load or rerank has come, on a terminal's last line. */
import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';
import type { Progress } from '../reranker/options.js';

const CELLS = 30;

/** What is done before this is not worth a bar. */
const PATIENCE = 500; // milliseconds

const LABELS: Readonly<Record<Progress['phase'], string>> = { load: 'loading', rerank: 'ranking' };

export class ProgressBar {
  readonly #terminal: WriteStream;
  #phase: Progress['phase'] | undefined;
  #start = performance.now();
  #drawn = false;

  constructor(terminal: WriteStream) {
    this.#terminal = terminal;
  }

  /** Draws the bar, on a terminal and once the phase has taken a while. To be passed as `onProgress`. */
  readonly show = ({ phase, done, total }: Progress): void => {
    if (this.#phase !== undefined && phase !== this.#phase) this.#start = performance.now();
    this.#phase = phase;
    if (!this.#terminal.isTTY || performance.now() - this.#start < PATIENCE) return;
    const filled = Math.floor((CELLS * done) / total);
    const percent = String(Math.floor((100 * done) / total)).padStart(3);
    this.#terminal.write(`\r${LABELS[phase]}  ${'█'.repeat(filled).padEnd(CELLS, '░')}  ${percent} %`);
    this.#drawn = true;
  };

  clear(): void {
    if (!this.#drawn) return;
    clearLine(this.#terminal, 0);
    cursorTo(this.#terminal, 0);
    this.#drawn = false;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
