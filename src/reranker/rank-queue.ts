/**
 * Requests that wait for their turn. Those that wait together and are short run together, several prompts in one
 * pass: each linear layer then reads its weights once for all of them.
 */
import { sum } from '../model/sequences.js';
import { type EmbeddedBlocks, embedTogether } from './embed-blocks.js';
import type { Engine } from './engine.js';
import type { RerankRequest } from './options.js';
import { type Prompt, promptLength } from './prompt.js';
import type { Protocol } from './protocols/protocol.js';
import { type Ranking, rankingOf } from './ranking.js';

/** Runs a task when its turn comes; see `Turns`. */
type TakeTurn = <T>(task: (engine: Engine) => Promise<T>, signal: AbortSignal | undefined) => Promise<T>;

interface Waiting {
  readonly request: RerankRequest;
  readonly prompts: readonly Prompt[];
  /** How many are to be run. */
  readonly tokens: number;
  /** Whether it failed in company, so that it has to be tried by itself. */
  alone: boolean;
  /** What it came to in another's turn. */
  ranking: Ranking | undefined;
}

export class RankQueue {
  readonly #takeTurn: TakeTurn;
  readonly #batchTokens: number;
  readonly #protocol: Protocol;
  readonly #waiting = new Set<Waiting>();

  /** Requests run together as long as they have at most `batchTokens` tokens beside the head that all begin with. */
  constructor(takeTurn: TakeTurn, batchTokens: number, protocol: Protocol) {
    this.#takeTurn = takeTurn;
    this.#batchTokens = batchTokens;
    this.#protocol = protocol;
  }

  async rank(request: RerankRequest, prompts: readonly Prompt[]): Promise<Ranking> {
    const tokens = sum(prompts.map((prompt) => promptLength(prompt) - this.#protocol.head.length));
    const own: Waiting = { request, prompts, tokens, alone: prompts.length !== 1, ranking: undefined };
    this.#waiting.add(own);
    try {
      return await this.#takeTurn(async (engine) => own.ranking ?? this.#run(engine, own), request.signal);
    } finally {
      this.#waiting.delete(own);
    }
  }

  async #run(engine: Engine, first: Waiting): Promise<Ranking> {
    this.#waiting.delete(first);
    const company = this.#companyOf(first);
    if (company.length > 0) {
      try {
        return await runTogether(this.#protocol, engine, first, company);
      } catch {
        // One of them may have spoilt it for all: each runs by itself, when its own turn comes.
        for (const each of company) each.alone = true;
        first.request.signal?.throwIfAborted();
      }
    }
    return runAlone(this.#protocol, engine, first);
  }

  /** Those that wait and fit into one pass with the first. */
  #companyOf(first: Waiting): Waiting[] {
    let room = first.alone ? 0 : this.#batchTokens - first.tokens;
    return [...this.#waiting].filter(({ alone, ranking, request, tokens }) => {
      if (alone || ranking || request.signal?.aborted || tokens > room) return false;
      room -= tokens;
      return true;
    });
  }
}

async function runAlone(protocol: Protocol, engine: Engine, { request, prompts }: Waiting): Promise<Ranking> {
  const options = { signal: request.signal, onProgress: progressOf(request) };
  return rankingOf(protocol, request, await protocol.run(engine, prompts, options));
}

/** The first one's ranking; the others' are left with them. */
async function runTogether(
  protocol: Protocol,
  engine: Engine,
  first: Waiting,
  company: readonly Waiting[],
): Promise<Ranking> {
  const all = [first, ...company];
  const prompts = all.flatMap((each) => each.prompts);
  const listeners = all.map(({ request }) => progressOf(request));
  const embedded = await whileWanted(all, (signal) => embedTogether(engine, prompts, listeners, signal));
  first.request.signal?.throwIfAborted();
  for (const [i, each] of company.entries()) {
    const request = { ...each.request, signal: undefined }; // whoever gives up must not spoil it for all
    each.ranking = await rankingOf(protocol, request, embedded[i + 1]!);
  }
  return rankingOf(protocol, first.request, embedded[0]!);
}

/** Gives `task` a signal that aborts when nobody waits for its outcome any more. */
async function whileWanted(
  all: readonly Waiting[],
  task: (signal: AbortSignal) => Promise<EmbeddedBlocks[]>,
): Promise<EmbeddedBlocks[]> {
  const controller = new AbortController();
  const signals = all.map(({ request }) => request.signal);
  const aborted = () => {
    if (signals.every((signal) => signal?.aborted)) controller.abort();
  };
  for (const signal of signals) signal?.addEventListener('abort', aborted);
  try {
    return await task(controller.signal);
  } finally {
    for (const signal of signals) signal?.removeEventListener('abort', aborted);
  }
}

/** Progress is in tokens. */
function progressOf({ onProgress }: RerankRequest): (done: number, total: number) => void {
  return (done, total) => onProgress?.({ phase: 'rerank', done, total });
}
