/** The body of an answer, and an eye on the server that sends it. */
import { asSetback, Setback } from './setback.js';

/** Aborts a request whose server has not sent anything for so long. */
export class SilenceTimer {
  readonly #controller = new AbortController();
  readonly #milliseconds: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
    this.restart();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#controller.abort(new Setback('The server fell silent.')),
      this.#milliseconds,
    );
  }

  /** Ends the request, whether its body was read or not. */
  end(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }
}

/** The body as it comes in. Who stops listening ends the request. */
export async function* chunksOf(
  response: Response,
  silence: SilenceTimer,
  url: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  try {
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      silence.restart();
      yield part.value;
    }
  } catch (error) {
    throw asSetback(error, url);
  } finally {
    silence.end();
  }
}
