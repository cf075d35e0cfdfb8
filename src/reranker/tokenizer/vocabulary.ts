/**
 * The bytes that each token of a byte-level vocabulary stands for. tokenizer.json writes bytes as characters: those that
 * can be seen as themselves, the others in order from U+0100 on.
 */
const ALL_BYTES = Array.from({ length: 256 }, (_, byte) => byte);
const isSeen = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
const UNSEEN = ALL_BYTES.filter((byte) => !isSeen(byte));

/** By character. */
const BYTES = new Int16Array(0x100 + UNSEEN.length).fill(-1);
for (const byte of ALL_BYTES) BYTES[isSeen(byte) ? byte : 0x100 + UNSEEN.indexOf(byte)] = byte;

export class Vocabulary {
  /** One more than the largest id. */
  readonly size: number;
  /** Of all tokens, one after the other. */
  readonly #bytes: Uint8Array;
  readonly #starts: Int32Array;
  readonly #lengths: Int32Array;

  /** Tokens with characters that stand for no byte are left out. */
  constructor(tokens: readonly (readonly [token: string, id: number])[]) {
    this.size = tokens.reduce((size, [, id]) => Math.max(size, id + 1), 0);
    this.#bytes = new Uint8Array(tokens.reduce((sum, [token]) => sum + token.length, 0));
    this.#starts = new Int32Array(this.size);
    this.#lengths = new Int32Array(this.size);
    let end = 0;
    for (const [token, id] of tokens) {
      this.#starts[id] = end;
      let length = 0;
      for (; length < token.length; length++) {
        const byte = BYTES[token.charCodeAt(length)] ?? -1;
        if (byte < 0) break;
        this.#bytes[end + length] = byte;
      }
      if (length < token.length) continue;
      this.#lengths[id] = length;
      end += length;
    }
  }

  /** 0 where there is no such token. */
  lengthOf(id: number): number {
    return this.#lengths[id] ?? 0;
  }

  bytesOf(id: number): Uint8Array {
    const start = this.#starts[id] ?? 0;
    return this.#bytes.subarray(start, start + this.lengthOf(id));
  }
}
