/**
 * A list in the fragment of the page's address, which browsers keep to themselves: `#list=` and JSON, deflated where
 * that is shorter, in base64url. Its first letter says which: `d` deflated, `p` plain.
 */

export interface LinkedList {
  readonly query: string;
  readonly documents: readonly string[];
}

const PREFIX = '#list=';

/** Longer addresses are cut by programs that they are pasted into. Characters. */
const LONGEST = 8000;

/** What a link may unpack to, in bytes: some hundred times its length, so that no link can fill the memory. */
const LARGEST = 1_000_000;

/** The fragment; nothing when the list is too long for one. */
export async function fragmentOf({ query, documents }: LinkedList): Promise<string | undefined> {
  const plain = new TextEncoder().encode(JSON.stringify([query, ...documents]));
  if (plain.length > LARGEST) return undefined;
  const deflated = await bytesOf(streamOf(plain).pipeThrough(new CompressionStream('deflate-raw')), LARGEST);
  const fragment =
    deflated.length < plain.length ? `${PREFIX}d${toBase64Url(deflated)}` : `${PREFIX}p${toBase64Url(plain)}`;
  return fragment.length <= LONGEST ? fragment : undefined;
}

/** The list of a fragment; nothing where the fragment is none of these. Throws an Error when it is damaged. */
export async function listOf(fragment: string): Promise<LinkedList | undefined> {
  if (!fragment.startsWith(PREFIX)) return undefined;
  const form = fragment.charAt(PREFIX.length);
  if (form !== 'd' && form !== 'p')
    throw new Error(`The link's list has the form "${form}", expected d or p.`);
  const stream = streamOf(fromBase64Url(fragment.slice(PREFIX.length + 1)));
  const plain = form === 'd' ? stream.pipeThrough(new DecompressionStream('deflate-raw')) : stream;
  const json = new TextDecoder('utf-8', { fatal: true }).decode(await bytesOf(plain, LARGEST));
  const texts: unknown = JSON.parse(json);
  if (!Array.isArray(texts) || texts.length === 0 || !texts.every((text) => typeof text === 'string')) {
    throw new Error("The link's list is not an array of strings.");
  }
  const [query = '', ...documents] = texts as string[];
  return { query, documents };
}

function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start: (controller) => {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}

async function bytesOf(stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > most) throw new Error(`The link unpacks to more than ${most} bytes.`);
    parts.push(part.value);
  }
  const all = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

function toBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
