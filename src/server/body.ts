/** The body of a request: JSON in UTF-8, plain or gzipped, within bounds. Nothing in it is guessed or replaced. */
import { Refusal } from './failure.js';

/** Throws the refusals `media-type`, `encoding`, `too-large`, `malformed` and `gone`. */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  checkMediaType(request.headers.get('content-type') ?? '');
  const isGzip = isGzipped(request.headers.get('content-encoding') ?? '');
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge(maxBytes);
  const sent = await received(request, maxBytes);
  return parsed(isGzip ? await inflated(sent, maxBytes) : sent);
}

function checkMediaType(header: string): void {
  const [type, ...parameters] = header.split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'application/json') {
    throw new Refusal('media-type', 'Send JSON, with "Content-Type: application/json".');
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && !/^(["']?)utf-?8\1$/.test(charset)) {
    throw new Refusal('media-type', 'Send JSON in UTF-8; another charset is not taken.');
  }
}

function isGzipped(header: string): boolean {
  const encoding = header.trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return false;
  if (encoding === 'gzip' || encoding === 'x-gzip') return true;
  throw new Refusal('encoding', 'Send the body as it is or, with "Content-Encoding: gzip", gzipped.');
}

async function received(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await gathered(request.body, maxBytes);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('gone', 'The client closed the connection.');
  }
}

async function inflated(bytes: Uint8Array<ArrayBuffer>, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await gathered(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')), maxBytes);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('malformed', 'The body is not gzipped, though its Content-Encoding says so.');
  }
}

async function gathered(
  stream: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (const reader = stream?.getReader(); reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > maxBytes) {
      reader.cancel().catch(() => {}); // whatever comes of it, nobody reads on
      throw tooLarge(maxBytes);
    }
    chunks.push(value);
  }
  const whole = new Uint8Array(size);
  let end = 0;
  for (const chunk of chunks) {
    whole.set(chunk, end);
    end += chunk.length;
  }
  return whole;
}

function parsed(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal('malformed', 'The body is not UTF-8 text.');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('malformed', 'The body is not JSON.');
  }
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal('too-large', `The body is larger than ${maxBytes} bytes.`);
}
