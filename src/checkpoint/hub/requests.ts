/** Requests to the hub that get over what passes: a cut, a busy server, a limit on requests. */
import { UNCACHED } from '#platform';
import type { Span } from '../../platform/repository-cache.js';
import { chunksOf, SilenceTimer } from './body.js';
import { refusal } from './refusal.js';
import { asSetback, Setback } from './setback.js';

export interface Patience {
  /** How often in a row something may fail before it is given up. */
  readonly attempts: number;
  /** The pause after the first failure, doubled after each further one. */
  readonly pause: number; // milliseconds
  /** How long a server may be silent. */
  readonly silence: number; // milliseconds
}

export const PATIENT: Patience = { attempts: 5, pause: 1000, silence: 30_000 };

/** For a question that can do without an answer. */
export const IMPATIENT: Patience = { attempts: 1, pause: 0, silence: 10_000 };

/** A server that asks for more waits in vain: the hub counts requests over five minutes. */
const LONGEST_PAUSE = 300_000; // milliseconds

const PASSING_STATUS = [408, 429, 500, 502, 503, 504];

export interface RequestOptions {
  /** What sends them. */
  readonly fetch: typeof fetch;
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly onNotice: (notice: string) => void;
  readonly signal: AbortSignal | undefined;
}

export class HubRequests {
  readonly endpoint: string;
  readonly #options: RequestOptions;
  readonly #patience: Patience;
  #pauseEnd = 0; // of the pause that was announced last

  constructor(options: RequestOptions, patience: Patience) {
    this.endpoint = options.endpoint;
    this.#options = options;
    this.#patience = patience;
  }

  /**
   * Fetches something small and whole, in the place of the platform's `fetch`. The answer has a good status.
   * Throws `download-failed`, `checkpoint-not-found`, `unauthorized`.
   */
  readonly fetch = (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = String(input);
    const { signal } = this.#options;
    return this.#persist(signal, async () => {
      const { response, chunks } = await this.#request(url, { ...init, signal });
      const body: Uint8Array<ArrayBuffer>[] = [];
      for await (const chunk of chunks) body.push(chunk);
      return new Response(new Blob(body), { status: response.status, headers: response.headers });
    });
  };

  /**
   * The bytes `span` of a file of `size` bytes. After a cut, what is missing is asked for. `onBytes` hears how many
   * bytes came. Throws as `fetch` does.
   */
  async fetchSpan(
    url: string,
    span: Span,
    size: number,
    { signal, onBytes }: { signal: AbortSignal; onBytes: (count: number) => void },
  ): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(span.end - span.start);
    let filled = 0;
    return this.#persist(signal, async (succeeded) => {
      const start = span.start + filled;
      const headers = { Range: `bytes=${start}-${span.end - 1}`, 'Accept-Encoding': 'identity' };
      const check = (response: Response) => checkRange(response, start, size, url);
      const { response, chunks } = await this.#request(url, { ...UNCACHED, headers, signal }, check);
      let surplus = response.status === 206 ? 0 : start; // a server that knows no ranges sends all
      for await (const chunk of chunks) {
        const wanted = chunk.subarray(surplus, surplus + bytes.length - filled);
        surplus = Math.max(surplus - chunk.length, 0);
        bytes.set(wanted, filled);
        filled += wanted.length;
        if (wanted.length > 0) {
          succeeded();
          onBytes(wanted.length);
        }
        if (filled === bytes.length) return bytes;
      }
      throw new Setback(`${url} ended ${bytes.length - filled} bytes early.`);
    });
  }

  /** One attempt. `check` throws when the answer, of a good status, is not the one that was asked for. */
  async #request(
    url: string,
    init: Omit<RequestInit, 'signal'> & { signal: AbortSignal | undefined },
    check: (response: Response) => void = () => {},
  ): Promise<{ response: Response; chunks: AsyncIterable<Uint8Array<ArrayBuffer>> }> {
    const shown = url.split('?')[0]!; // for messages
    const silence = new SilenceTimer(this.#patience.silence);
    const signal = init.signal ? AbortSignal.any([init.signal, silence.signal]) : silence.signal;
    const { fetch } = this.#options; // called by itself: a browser's has to be
    try {
      const response = await fetch(url, { ...init, headers: this.#headers(url, init.headers), signal });
      if (PASSING_STATUS.includes(response.status)) {
        throw new Setback(`${shown} answered ${response.status}.`, { pause: retryAfter(response) });
      }
      if (!response.ok) throw refusal(response, shown, this.#options.token !== undefined);
      check(response);
      return { response, chunks: chunksOf(response, silence, shown) };
    } catch (error) {
      silence.end();
      throw asSetback(error, shown);
    }
  }

  /** The token is for the endpoint. `fetch` itself takes it away where it is redirected to another host. */
  #headers(url: string, given: HeadersInit | undefined): Headers {
    const headers = new Headers(given);
    const { token, endpoint } = this.#options;
    if (token && new URL(url).origin === new URL(endpoint).origin) {
      headers.set('Authorization', `Bearer ${token}`);
    }
    return headers;
  }

  /** Attempts until one succeeds, or too many in a row have failed without any success between them. */
  async #persist<T>(
    signal: AbortSignal | undefined,
    attempt: (succeeded: () => void) => Promise<T>,
  ): Promise<T> {
    const { attempts, pause } = this.#patience;
    let failures = 0;
    for (;;) {
      try {
        return await attempt(() => {
          failures = 0;
        });
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof Setback)) throw error;
        failures++;
        if (failures >= attempts || (error.pause ?? 0) > LONGEST_PAUSE) throw error.failure;
        if (error.pause) this.#announce(error.pause);
        // Those that failed together shall not come back together.
        const backoff = pause * 2 ** (failures - 1) * (0.5 + Math.random());
        await sleep(Math.max(error.pause ?? 0, backoff), signal);
      }
    }
  }

  /** Says why nothing happens; requests that are made at the same time say it once. */
  #announce(pause: number): void {
    if (Date.now() < this.#pauseEnd) return;
    this.#pauseEnd = Date.now() + pause;
    const seconds = Math.ceil(pause / 1000);
    this.#options.onNotice(`${new URL(this.endpoint).host} asks to wait for ${seconds} s.`);
  }
}

/** Throws a setback when the answer is not about the range that was asked for. Browsers may hide the header. */
function checkRange(response: Response, start: number, size: number, url: string): void {
  const range = response.headers.get('Content-Range');
  if (response.status !== 206 || range === null) return;
  const [, first, all] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
  if (Number(first) === start && (all === '*' || Number(all) === size)) return;
  throw new Setback(`${url} answered with "${range}", expected bytes from ${start} of ${size}.`);
}

/** In milliseconds: the header holds seconds or a date. */
function retryAfter(response: Response): number | undefined {
  const header = response.headers.get('Retry-After');
  if (header === null) return undefined;
  const pause = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(pause) ? undefined : Math.max(pause, 0);
}

/** Rejects with the signal's reason. */
async function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const wake = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', wake);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', wake, { once: true });
  });
}
