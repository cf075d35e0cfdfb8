/** How long the GPU takes for some dispatches: by its own clock where it shows one, else by ours. */
import { TIMESTAMPS } from '../adapter.js';
import { MAP_READ, type Memory, USAGE } from '../memory.js';
import type { Dispatch, Queue } from '../queue.js';

const TIMES = 2; // the beginning and the end
const TIME_BYTES = 8;

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

/** Notes when the compute pass of a submission begins and ends. */
export class Clock {
  readonly timestampWrites: GPUComputePassTimestampWrites;
  readonly #memory: Memory;
  readonly #times: GPUBuffer;
  readonly #readable: GPUBuffer;

  constructor(device: GPUDevice, memory: Memory) {
    const querySet = device.createQuerySet({ type: 'timestamp', count: TIMES });
    this.timestampWrites = { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
    this.#memory = memory;
    const bytes = TIMES * TIME_BYTES;
    this.#times = memory.buffer('times', bytes, USAGE.queryResolve | USAGE.copySource);
    this.#readable = memory.buffer('times', bytes, USAGE.mapRead | USAGE.copyTarget);
  }

  /** To be encoded behind the pass. */
  keep(encoder: GPUCommandEncoder): void {
    encoder.resolveQuerySet(this.timestampWrites.querySet, 0, TIMES, this.#times, 0);
    encoder.copyBufferToBuffer(this.#times, 0, this.#readable, 0, TIMES * TIME_BYTES);
  }

  /** Milliseconds between the two. */
  async read(): Promise<number> {
    await this.#readable.mapAsync(MAP_READ);
    const [begin, end] = new BigUint64Array(this.#readable.getMappedRange(0, TIMES * TIME_BYTES));
    const nanoseconds = Number(end! - begin!);
    this.#readable.unmap();
    return nanoseconds / 1e6;
  }

  free(): void {
    this.timestampWrites.querySet.destroy();
    this.#memory.release(this.#times);
    this.#memory.release(this.#readable);
  }
}
