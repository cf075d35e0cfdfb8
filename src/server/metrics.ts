/** What the server counts, for Prometheus. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What a request spends its time on: being received and checked, waiting for its turn, being ranked. */
export type Phase = 'receive' | 'wait' | 'rank';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export class Metrics {
  readonly registry = new Registry();
  readonly #requests = new Counter({
    name: 'listwise_requests_total',
    help: 'Requests answered, by API and status.',
    labelNames: ['api', 'status'],
    registers: [this.registry],
  });
  readonly #documents = new Counter({
    name: 'listwise_documents_total',
    help: 'Documents ranked.',
    registers: [this.registry],
  });
  readonly #tokens = new Counter({
    name: 'listwise_tokens_total',
    help: 'Tokens of the prompts: run, or cached since another prompt began alike.',
    labelNames: ['kind'],
    registers: [this.registry],
  });
  readonly #seconds = new Histogram({
    name: 'listwise_phase_seconds',
    help: 'Seconds of a request in each phase.',
    labelNames: ['phase'],
    buckets: SECONDS,
    registers: [this.registry],
  });

  /** `queue` tells how many requests wait or are ranked at present. */
  constructor(queue: () => number) {
    new Gauge({
      name: 'listwise_queue_requests',
      help: 'Requests that wait or are ranked at present.',
      registers: [this.registry],
      collect() {
        this.set(queue());
      },
    });
  }

  answered(api: string, status: number): void {
    this.#requests.inc({ api, status });
  }

  ranked(documents: number, tokens: number, cachedTokens: number): void {
    this.#documents.inc(documents);
    this.#tokens.inc({ kind: 'run' }, tokens - cachedTokens);
    this.#tokens.inc({ kind: 'cached' }, cachedTokens);
  }

  spent(phase: Phase, seconds: number): void {
    this.#seconds.observe({ phase }, seconds);
  }
}
