/** Memory that kernels pass to each other within one operation. It grows to the largest need and stays. */

import type { Bound, Queue } from '../queue/queue.js';
import { type Memory, USAGE } from './memory.js';

class Arena implements Bound {
  readonly #label: string;
  readonly #memory: Memory;
  readonly #queue: Queue;
  #needed = 0;
  #buffer: GPUBuffer | undefined;

  constructor(label: string, memory: Memory, queue: Queue) {
    this.#label = label;
    this.#memory = memory;
    this.#queue = queue;
  }

  reserve(bytes: number): Bound {
    this.#needed = Math.max(this.#needed, bytes);
    return this;
  }

  get buffer(): GPUBuffer {
    if (!this.#buffer || this.#buffer.size < this.#needed) {
      if (this.#buffer) this.#queue.release(this.#buffer);
      this.#buffer = this.#memory.buffer(this.#label, this.#needed, USAGE.storage);
    }
    return this.#buffer;
  }
}

export class Scratch {
  /** Rows of activations as the kernels of 16-bit and of 8-bit arithmetic read them. */
  readonly packedRows: Arena;
  readonly rowScales: Arena;
  /** Rows of 16-bit activations for kernels that read 32 bits. */
  readonly floatRows: Arena;
  /** Rows of activations with zeros behind each. */
  readonly paddedRows: Arena;
  /** What attention found, before it goes to 16 bits. */
  readonly attended: Arena;
  /** Stands where a kernel has nowhere to write to. */
  readonly nothing: Arena;
  /** The softmax's running maximum and sum for each query. */
  readonly statistics: Arena;

  constructor(memory: Memory, queue: Queue) {
    this.packedRows = new Arena('packed activations', memory, queue);
    this.rowScales = new Arena('scales of activations', memory, queue);
    this.floatRows = new Arena('activations in 32 bits', memory, queue);
    this.paddedRows = new Arena('padded activations', memory, queue);
    this.attended = new Arena('attended', memory, queue);
    this.nothing = new Arena('nothing', memory, queue);
    this.statistics = new Arena('attention statistics', memory, queue);
  }
}
