/** The terminal's last line, drawn again and again. */
import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { cutToWidth } from './terminal-text.js';

export class LastLine {
  readonly #terminal: WriteStream;
  #drawn = 0; // UTF-16 units on the line

  constructor(terminal: WriteStream) {
    this.#terminal = terminal;
  }

  /** Does nothing where there is no terminal. */
  draw(text: string): void {
    if (!this.#terminal.isTTY) return;
    const line = cutToWidth(text, this.#terminal.columns - 1);
    if (line.length < this.#drawn) this.clear();
    this.#terminal.write(`\r${line}`);
    this.#drawn = line.length;
  }

  /** Writes text for good where the line was. */
  replace(text: string): void {
    this.clear();
    this.#terminal.write(text);
  }

  clear(): void {
    if (this.#drawn === 0) return;
    clearLine(this.#terminal, 0);
    cursorTo(this.#terminal, 0);
    this.#drawn = 0;
  }
}
