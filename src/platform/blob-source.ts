import { ListwiseError } from '../error.js';
import type { ByteSource } from './byte-source.js';

/** Bytes that a browser holds, or a file that it may read: slices are read when they are asked for. */
export class BlobSource implements ByteSource {
  readonly name: string;
  readonly #blob: Blob;
  readonly #hint: string;

  /** `hint` says what to do when the bytes can't be read any more. */
  constructor(name: string, blob: Blob, hint: string) {
    this.name = name;
    this.#blob = blob;
    this.#hint = hint;
  }

  get size(): number {
    return this.#blob.size;
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    const slice = this.#blob.slice(offset, offset + into.length);
    const bytes = await slice.arrayBuffer().catch((cause: unknown) => {
      throw new ListwiseError('checkpoint-not-found', `${this.name} can't be read any more.`, {
        cause,
        hint: this.#hint,
      });
    });
    into.set(new Uint8Array(bytes));
  }

  async close(): Promise<void> {}
}
