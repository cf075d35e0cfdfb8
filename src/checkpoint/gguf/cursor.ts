/** Reads the fields of a GGUF header one after another, and never more of the file than a header can need. */
import type { ListwiseError } from '../../error.js';
import type { ByteSource } from '../../platform/byte-source.js';

/** Bytes read at a time. */
const PIECE = 1 << 20;

/** Far more than any vocabulary takes: what a lying file can make this process hold. */
const LARGEST_HEADER = 100_000_000; // bytes

export class Cursor {
  readonly #source: ByteSource;
  readonly #corrupt: (what: string) => ListwiseError;
  readonly #end: number;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #position = 0;
  #piece = new DataView(new ArrayBuffer(0));
  #pieceStart = 0;

  /** `corrupt` makes the error for a file that ends too early or holds text that is not UTF-8. */
  constructor(source: ByteSource, corrupt: (what: string) => ListwiseError) {
    this.#source = source;
    this.#corrupt = corrupt;
    this.#end = Math.min(source.size, LARGEST_HEADER);
  }

  /** Bytes from the file's start. */
  get position(): number {
    return this.#position;
  }

  async uint32(): Promise<number> {
    const at = await this.#take(4);
    return this.#piece.getUint32(at, true);
  }

  /** As a number: beyond 2⁵³ the nearest, which no count in a file is. */
  async uint64(): Promise<number> {
    const at = await this.#take(8);
    return Number(this.#piece.getBigUint64(at, true));
  }

  /** UTF-8 after its length in bytes, a uint64. */
  async string(): Promise<string> {
    const length = await this.uint64();
    const at = await this.#take(length);
    try {
      return this.#decoder.decode(new Uint8Array(this.#piece.buffer, at, length));
    } catch {
      throw this.#corrupt(`the text that ends at byte ${this.#position} is not UTF-8`);
    }
  }

  /** `count` values of `bytes` bytes each, all at once. */
  async values<T>(count: number, bytes: number, get: (view: DataView, at: number) => T): Promise<T[]> {
    const start = await this.#take(count * bytes);
    return Array.from({ length: count }, (_, i) => get(this.#piece, start + i * bytes));
  }

  /** Steps over the next `count` bytes and returns where in the piece they begin. */
  async #take(count: number): Promise<number> {
    const start = this.#position;
    if (!(count <= this.#end - start)) {
      const room = this.#source.size > this.#end ? 'no header is so long' : `the file has ${this.#end}`;
      throw this.#corrupt(`its header needs ${count} bytes from byte ${start} on, ${room}`);
    }
    if (start + count > this.#pieceStart + this.#piece.byteLength) {
      const bytes = new Uint8Array(Math.min(Math.max(count, PIECE), this.#end - start));
      await this.#source.read(start, bytes);
      this.#piece = new DataView(bytes.buffer);
      this.#pieceStart = start;
    }
    this.#position += count;
    return start - this.#pieceStart;
  }
}
