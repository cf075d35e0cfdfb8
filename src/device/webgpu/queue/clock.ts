/** The GPU's own clock. */
import { MAP_READ, type Memory, USAGE } from '../memory/memory.js';

const TIMES = 2; // the beginning and the end
const TIME_BYTES = 8;

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
