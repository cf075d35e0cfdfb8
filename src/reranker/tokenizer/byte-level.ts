/** Bytes written as characters, as tokenizer.json writes tokens: those that can be seen as themselves, others from U+0100 on. */

const CHARACTERS = Array.from({ length: 256 }, (_, byte) => byte);
const isSeen = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
const UNSEEN = CHARACTERS.filter((byte) => !isSeen(byte));

const BYTES: ReadonlyMap<number, number> = new Map(
  CHARACTERS.map((byte) => [isSeen(byte) ? byte : 0x100 + UNSEEN.indexOf(byte), byte]),
);

/** `undefined` where a character stands for no byte. */
export function bytesOfToken(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTES.get(token.charCodeAt(i));
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
