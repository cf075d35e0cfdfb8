/** Bytes that can be read by range: a file, or memory. */
export interface ByteSource {
  /** For error messages. */
  readonly name: string;
  readonly size: number; // bytes
  /** Fills `into` with the bytes from `offset` on; the range lies inside the source. */
  read(offset: number, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Bytes that are already in memory, as those of the embedded model. */
export class MemorySource implements ByteSource {
  readonly name: string;
  readonly #bytes: Uint8Array;

  constructor(name: string, bytes: Uint8Array) {
    this.name = name;
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.byteLength;
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    into.set(this.#bytes.subarray(offset, offset + into.byteLength));
  }

  async close(): Promise<void> {}
}
