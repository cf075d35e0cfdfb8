/**
 * One query whose list grows at its end, as with pages of results or with an agent's finds.
 *
 * Attention is causal, so what was computed for a document does not change when others follow it. Two things keep a
 * prompt from being continued: its header says how many documents there are, and a block that is full is closed.
 * So full blocks are never run again; and the last one is continued, at the price of its new documents and of the
 * query, if the header announces from the beginning how many documents there will be.
 */
import { ListwiseError } from '../error.js';
import { cacheBytes } from '../model/memory-plan.js';
import { sum } from '../model/sequences.js';
import { TokenCounter } from './embed-blocks.js';
import type { Engine } from './engine.js';
import { checkRequest, type RerankOptions, type RerankRequest, wholeNumber } from './options.js';
import type { Prefix } from './prefix.js';
import { type Prompt, runIds } from './prompt.js';
import type { Protocol } from './protocols/protocol.js';
import { type Ranking, rankingOf } from './ranking.js';

/** How a session reads its list, and how much it may keep of it. */
export interface SessionOptions
  extends Pick<
    RerankOptions,
    'instruction' | 'maxDocumentLength' | 'maxQueryLength' | 'truncate' | 'keepTags' | 'released'
  > {
  /**
   * How many documents the prompt announces, and the most that may be added. Without it the prompt says how many
   * there are: rankings are exactly those of `rerank`, and the last block is run anew whenever it grows.
   */
  readonly announce?: number | undefined;
  /** The most that keys and values may take on the device, in bytes: 1 GiB by default. */
  readonly maxCacheBytes?: number | undefined;
}

/** What each `Session.add` may ask for. */
export type SessionRankOptions = Omit<RerankOptions, keyof SessionOptions>;

/** What a session asks of its reranker. */
export interface SessionHost {
  readonly protocol: Protocol;
  /** Runs `task` when no other request runs, on a device that is alive. */
  run<T>(task: (engine: Engine) => Promise<T>, signal: AbortSignal | undefined): Promise<T>;
  prompts(request: RerankRequest): Promise<Prompt[]>;
  /** Runs `task` when no request runs, whatever became of the device. */
  whenIdle(task: () => Promise<void>): Promise<void>;
}

/** A block that was run. */
interface DoneBlock {
  readonly ids: readonly number[];
  readonly embeddings: readonly Float32Array[];
}

/** The beginning of the last block, to be continued. */
interface OpenBlock {
  readonly engine: Engine;
  readonly prefix: Prefix;
  /** Embeddings of the documents in the prefix. */
  readonly documents: readonly Float32Array[];
}

/** The list of one query, ranked while it grows at its end. `Reranker.session` makes one. */
export class Session {
  readonly #host: SessionHost;
  readonly #query: string;
  readonly #options: SessionOptions;
  readonly #maxCacheBytes: number;
  #documents: readonly string[] = [];
  #done: readonly DoneBlock[] = [];
  #open: OpenBlock | undefined;
  #disposed = false;

  /** Throws `invalid-input`. */
  constructor(host: SessionHost, query: string, options: SessionOptions) {
    checkRequest(query, [], options, host.protocol.limits);
    this.#host = host;
    this.#query = query;
    this.#options = { ...options };
    this.#maxCacheBytes = wholeNumber('maxCacheBytes', options.maxCacheBytes, 2 ** 30, 0);
  }

  /** The documents so far, in the order in which they were added. */
  get documents(): readonly string[] {
    return this.#documents;
  }

  /** Bytes of keys and values that the session holds on the device. While documents are added it is twice as many. */
  get bytes(): number {
    if (!this.#open) return 0;
    const { engine, prefix } = this.#open;
    return cacheBytes(engine.device, engine.config, prefix.ids.length);
  }

  /**
   * Adds documents at the end of the list and ranks all of it. Throws as `rerank` does; when it does, or is aborted,
   * the session is as it was.
   */
  async add(documents: readonly string[], options: SessionRankOptions = {}): Promise<Ranking> {
    this.#checkUsable();
    const added = this.#check(documents, options).documents;
    return this.#host.run(async (engine) => {
      const all = [...this.#documents, ...added];
      this.#checkAnnounced(all.length);
      const request = this.#check(all, options);
      const ranking = await this.#rank(engine, request);
      this.#documents = all;
      return ranking;
    }, options.signal);
  }

  /** Waits for what was asked of it, then gives back what the session holds on the device. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#host.whenIdle(async () => this.#replaceOpen(undefined));
  }

  /** `dispose`, at the end of a block with `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #rank(engine: Engine, request: RerankRequest): Promise<Ranking> {
    const prompts = await this.#host.prompts(request);
    if (!this.#host.protocol.continues) return this.#rankEach(engine, request, prompts);
    const texts = prompts.map(runIds);
    const onProgress = (done: number, total: number) =>
      request.onProgress?.({ phase: 'rerank', done, total });
    const counter = new TokenCounter(texts, { signal: request.signal, onProgress });
    const done: DoneBlock[] = [];
    let open: OpenBlock | undefined;
    for (const [index, prompt] of prompts.entries()) {
      const ids = texts[index]!;
      const known = this.#done[index];
      if (known && sameIds(known.ids, ids)) {
        counter.next(ids.length, ids.length);
        done.push(known);
        continue;
      }
      const isLast = index === prompts.length - 1;
      const run = await this.#runBlock(engine, prompt, ids, isLast, counter);
      done.push({ ids, embeddings: run.embeddings });
      open = run.open;
    }
    this.#done = done;
    if (open) this.#replaceOpen(open);
    return rankingOf(this.#host.protocol, request, {
      blocks: done.map(({ embeddings }) => embeddings),
      tokens: counter.total,
      cachedTokens: counter.cached,
    });
  }

  /** Prompts that nothing continues: those that are new run together. */
  async #rankEach(engine: Engine, request: RerankRequest, prompts: readonly Prompt[]): Promise<Ranking> {
    const { protocol } = this.#host;
    const before = this.#done;
    const isThere = (prompt: Prompt, i: number) => sameIds(before[i]?.ids ?? [], runIds(prompt));
    const run = await protocol.run(
      engine,
      prompts.filter((prompt, i) => !isThere(prompt, i)),
      {
        signal: request.signal,
        onProgress: (done, total) => request.onProgress?.({ phase: 'rerank', done, total }),
      },
    );
    const fresh = run.blocks.values();
    this.#done = prompts.map((prompt, i) =>
      isThere(prompt, i) ? before[i]! : { ids: runIds(prompt), embeddings: fresh.next().value! },
    );
    const there = sum(prompts.filter(isThere).map((prompt) => runIds(prompt).length));
    return rankingOf(protocol, request, {
      blocks: this.#done.map(({ embeddings }) => embeddings),
      tokens: run.tokens + there,
      cachedTokens: run.cachedTokens + there,
    });
  }

  /** Runs what follows the open block's prefix, if the prompt continues it. */
  async #runBlock(
    engine: Engine,
    { documentPositions, queryPosition }: Prompt,
    ids: readonly number[],
    isLast: boolean,
    counter: TokenCounter,
  ): Promise<{ embeddings: readonly Float32Array[]; open: OpenBlock | undefined }> {
    const open = this.#open?.engine === engine ? this.#open : undefined;
    const held = engine.held(ids, open?.prefix);
    const before = held === open?.prefix ? (open?.documents ?? []) : [];
    const keep = isLast ? this.#keepLength(engine, documentPositions) : 0;
    const positions = [...documentPositions.slice(before.length), queryPosition];
    const { embeddings, kept } = await engine.embed(ids, positions, {
      ...counter.next(ids.length, held?.ids.length ?? 0),
      prefix: held,
      keep,
    });
    const all = [...before, ...embeddings];
    const inPrefix = documentPositions.filter((position) => position < keep).length;
    return {
      embeddings: all,
      open: kept && { engine, prefix: kept, documents: all.slice(0, inPrefix) },
    };
  }

  /** As far as the last document that the cache has room for; nothing if the header will change anyway. */
  #keepLength({ device, config }: Engine, documentPositions: readonly number[]): number {
    if (this.#options.announce === undefined || !this.#host.protocol.continues) return 0;
    const fits = (position: number) => cacheBytes(device, config, position + 1) <= this.#maxCacheBytes;
    return (documentPositions.findLast(fits) ?? -1) + 1;
  }

  #check(documents: readonly string[], options: SessionRankOptions): RerankRequest {
    return checkRequest(this.#query, documents, { ...this.#options, ...options }, this.#host.protocol.limits);
  }

  #replaceOpen(open: OpenBlock | undefined): void {
    this.#open?.prefix.free();
    this.#open = open;
  }

  #checkAnnounced(count: number): void {
    const { announce } = this.#options;
    if (announce === undefined || count <= announce) return;
    throw new ListwiseError(
      'invalid-input',
      `The session would have ${count} documents; it announced ${announce}.`,
      { hint: 'Announce as many as there may be, or open another session.' },
    );
  }

  #checkUsable(): void {
    if (this.#disposed) throw new ListwiseError('disposed', 'This session was disposed; open another.');
  }
}

function sameIds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
