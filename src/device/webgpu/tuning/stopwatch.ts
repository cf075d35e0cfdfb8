/** How long the GPU takes for some dispatches: by its own clock where it shows one, else by ours. */
import { TIMESTAMPS } from '../adapter.js';
import type { Memory } from '../memory/memory.js';
import { Clock } from '../queue/clock.js';
import type { Dispatch, Queue } from '../queue/queue.js';

/** Empty submissions of which the fastest counts. */
const LATENCIES = 3;

export class Stopwatch {
  readonly #queue: Queue;
  readonly #clock: Clock | undefined;
  /** Milliseconds that an empty submission takes, where there is no clock. */
  readonly #latency: number;

  private constructor(queue: Queue, clock: Clock | undefined, latency: number) {
    this.#queue = queue;
    this.#clock = clock;
    this.#latency = latency;
  }

  static async make(device: GPUDevice, queue: Queue, memory: Memory): Promise<Stopwatch> {
    if (device.features.has(TIMESTAMPS)) return new Stopwatch(queue, new Clock(device, memory), 0);
    const latencies: number[] = [];
    while (latencies.length < LATENCIES) latencies.push(await queue.runAlone([]));
    return new Stopwatch(queue, undefined, Math.min(...latencies));
  }

  /** In milliseconds. The dispatches run in a submission of their own; their kernels are compiled. */
  async time(dispatches: readonly Dispatch[]): Promise<number> {
    const duration = await this.#queue.runAlone(dispatches, this.#clock);
    return this.#clock ? this.#clock.read() : Math.max(0, duration - this.#latency);
  }

  free(): void {
    this.#clock?.free();
  }
}
