/** What `Uint8Array.fromBase64` is in engines that have it; TypeScript's libraries don't know it yet. */
interface Decoder {
  fromBase64?(text: string): Uint8Array<ArrayBuffer>;
}

/** The bytes that base64 stands for: by the engine's own decoder, by Node's, or by that of pages. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const engine = Uint8Array as Decoder;
  if (engine.fromBase64) return engine.fromBase64(base64);
  if (globalThis.Buffer) return new Uint8Array(globalThis.Buffer.from(base64, 'base64'));
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
