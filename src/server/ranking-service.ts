/** Between HTTP and the reranker: refuses what can't be served, bounds the queue and the time, measures. */
import type { Ranking } from '../reranker/ranking.js';
import type { Reranker } from '../reranker/reranker.js';
import { finishInTurns, type Steps } from '../reranker/steps.js';
import type { ApiOptions, RankingCall } from './apis/api.js';
import { Refusal } from './failure.js';
import { Metrics } from './metrics.js';
import { Queue } from './queue.js';

/** Of a UTF-16 unit in UTF-8. */
const MOST_BYTES = 3;

export interface ServiceOptions extends Omit<ApiOptions, 'scale'> {
  readonly maxQueue: number;
  /** On the model's own scale: documents that score lower are left out, where a request doesn't say. */
  readonly minScore: number | undefined;
  /** Seconds that a request may wait and be ranked. */
  readonly timeout: number;
}

/** A ranking, and the seconds it took: until its turn, and since. */
export interface Ranked {
  readonly ranking: Ranking;
  readonly waitSeconds: number;
  readonly rankSeconds: number;
}

export class RankingService {
  readonly queue: Queue;
  readonly metrics: Metrics;
  readonly #reranker: Reranker;
  readonly #options: ServiceOptions;
  readonly #running = new Set<AbortController>();

  constructor(reranker: Reranker, options: ServiceOptions) {
    this.queue = new Queue(options.maxQueue);
    this.metrics = new Metrics(() => this.queue.length);
    this.#reranker = reranker;
    this.#options = options;
  }

  get model(): string {
    return this.#reranker.model;
  }

  get dtype(): string {
    return this.#reranker.dtype;
  }

  /** Throws a Refusal, or what `Reranker.rerank` throws. The work is given up when `client` aborts. */
  async rank(call: RankingCall, client: AbortSignal): Promise<Ranked> {
    this.#check(call);
    const ranked = await this.queue.run(() => this.#ranked(call, client));
    const { ranking, waitSeconds, rankSeconds } = ranked;
    this.metrics.ranked(call.documents.length, ranking.tokens, ranking.cachedTokens);
    this.metrics.spent('wait', waitSeconds);
    this.metrics.spent('rank', rankSeconds);
    return ranked;
  }

  /** Gives up all that is under way: its clients hear that the server stops. */
  abort(): void {
    const reason = new Refusal('stopping', 'The server was shut down before the ranking was done.');
    for (const controller of this.#running) controller.abort(reason);
  }

  async #ranked(call: RankingCall, client: AbortSignal): Promise<Ranked> {
    const { query, documents, options, refuseLong } = call;
    const start = performance.now();
    let began: number | undefined;
    const onProgress = () => {
      began ??= performance.now();
    };
    const { minScore, maxDocumentLength } = this.#options;
    const ranking = await this.#abortable(client, async (signal) => {
      if (refuseLong) await finishInTurns(this.#checkLengths(call), signal);
      return this.#reranker.rerank(query, documents, {
        ...options,
        minScore: options.minScore ?? minScore,
        maxDocumentLength: options.maxDocumentLength ?? maxDocumentLength,
        onProgress,
        signal,
      });
    });
    const end = performance.now();
    began ??= end;
    return { ranking, waitSeconds: (began - start) / 1000, rankSeconds: (end - began) / 1000 };
  }

  /** Runs a task that ends early when the client is gone, when it takes too long, and when the server stops. */
  async #abortable<T>(client: AbortSignal, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeout } = this.#options;
    const controller = new AbortController();
    const gone = () => controller.abort(new Refusal('gone', 'The client closed the connection.'));
    const late = () =>
      controller.abort(new Refusal('timeout', `There was no ranking within ${timeout} seconds.`));
    const timer = setTimeout(late, 1000 * timeout);
    client.addEventListener('abort', gone, { once: true });
    if (client.aborted) gone();
    this.#running.add(controller);
    try {
      return await task(controller.signal);
    } finally {
      this.#running.delete(controller);
      client.removeEventListener('abort', gone);
      clearTimeout(timer);
    }
  }

  #check({ model, documents }: RankingCall): void {
    const { names, strictModel, maxDocuments } = this.#options;
    if (strictModel && model !== undefined && !names.includes(model)) {
      throw new Refusal('unknown-model', `There is no such model here; this server has ${names.join(', ')}.`);
    }
    if (documents.length > maxDocuments) {
      throw new Refusal(
        'too-many-documents',
        `There are ${documents.length} documents; a request may have ${maxDocuments}.`,
      );
    }
  }

  *#checkLengths({ query, documents }: RankingCall): Steps<void> {
    this.#checkLength('The query', query, this.#reranker.limits.query);
    for (const [place, document] of documents.entries()) {
      yield;
      this.#checkLength(`Text ${place}`, document, this.#options.maxDocumentLength);
    }
  }

  #checkLength(name: string, text: string, most: number): void {
    // A token is a byte at least: short texts need no counting.
    if (text.length * MOST_BYTES <= most || this.#reranker.countTokens(text, most + 1) <= most) return;
    throw new Refusal('too-long', `${name} has more than ${most} tokens, and is not to be truncated.`);
  }
}
