/** A file's lines, one at a time: the file may be larger than memory. */
import { createReadStream } from 'node:fs';

export interface Line {
  /** From 1, counting blank lines too. */
  readonly number: number;
  /** Without the line feed, and of a line that is too long only the beginning. */
  readonly bytes: Buffer;
  /** Bytes of the whole line. */
  readonly size: number;
  /** Where in the file the next line begins. */
  readonly end: number;
  /** Whether there was a line feed; only the last line may lack it. */
  readonly ended: boolean;
}

const LINE_FEED = 0x0a;
const CHUNK = 2 ** 20; // bytes

/** Yields the lines that are not blank. At most `mostBytes` of a line are kept. */
export async function* readLines(path: string, mostBytes = Number.POSITIVE_INFINITY): AsyncGenerator<Line> {
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: CHUNK });
  const growing = new GrowingLine(mostBytes);
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const feed = chunk.indexOf(LINE_FEED, start);
      if (feed < 0) break;
      growing.add(chunk.subarray(start, feed));
      const line = growing.take(true);
      if (!isBlank(line)) yield line;
      start = feed + 1;
    }
    growing.add(chunk.subarray(start));
  }
  const rest = growing.take(false);
  if (!isBlank(rest)) yield rest;
}

class GrowingLine {
  readonly #mostBytes: number;
  #number = 1;
  #end = 0;
  #size = 0;
  #kept = 0;
  #parts: Buffer[] = [];

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  add(part: Buffer): void {
    const kept = part.subarray(0, this.#mostBytes - this.#kept);
    if (kept.length > 0) this.#parts.push(kept);
    this.#kept += kept.length;
    this.#size += part.length;
  }

  take(ended: boolean): Line {
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#end += this.#size + (ended ? 1 : 0);
    const line = { number: this.#number, bytes, size: this.#size, end: this.#end, ended };
    this.#number++;
    this.#size = 0;
    this.#kept = 0;
    this.#parts = [];
    return line;
  }
}

/** White space as JSON has it, so that every other byte is somebody's and gets an answer. */
function isBlank({ bytes }: Line): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
