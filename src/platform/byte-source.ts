/** Bytes that can be read by range: a file, or memory. */
export interface ByteSource {
  /** For error messages. */
  readonly name: string;
  readonly size: number; // bytes
  /** Fills `into` with the bytes from `offset` on; the range lies inside the source. */
  read(offset: number, into: Uint8Array): Promise<void>;
  /** Lets go of the file; nothing is read afterwards. */
  close(): Promise<void>;
}
