/**
 * Buffers of activations, kept when they are freed for the next run: it takes the same ones in the same order, and so
 * finds its bind groups, too. Their sizes go in steps, so that prompts of about the same length share them. Large ones
 * are not kept: a long prompt has more to wait for than the host.
 */

import type { Queue } from '../queue/queue.js';
import type { Memory } from './memory.js';

const LARGEST = 2 ** 23; // bytes, of a buffer that is kept
const MOST = 2 ** 26; // bytes, of all that lie spare
/** Sizes between one power of two and the next. */
const STEPS = 4;

export class SpareBuffers {
  readonly #memory: Memory;
  readonly #queue: Queue;
  /** The one freed first comes first. */
  readonly #spare = new Set<GPUBuffer>();
  #bytes = 0;

  constructor(memory: Memory, queue: Queue) {
    this.#memory = memory;
    this.#queue = queue;
  }

  /** Of all that lie spare. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A buffer of so many bytes or some more, which may hold what it held. Throws `device-unsupported`. */
  take(label: string, bytes: number): GPUBuffer {
    if (bytes > LARGEST) return this.#memory.buffer(label, bytes);
    const size = Math.min(stepUp(bytes), this.#memory.largest());
    for (const buffer of this.#spare) {
      if (buffer.size !== size) continue;
      this.#remove(buffer);
      return buffer;
    }
    return this.#memory.buffer(label, size);
  }

  /** Takes back what `take` gave; what was submitted still has it. A buffer that is free already stays so. */
  free(buffer: GPUBuffer): void {
    if (this.#spare.has(buffer)) return;
    this.#queue.send();
    if (buffer.size > LARGEST || !this.#memory.isThere(buffer)) {
      this.#queue.release(buffer);
      return;
    }
    this.#spare.add(buffer);
    this.#bytes += buffer.size;
    for (const oldest of this.#spare) {
      if (this.#bytes <= MOST) return;
      this.#destroy(oldest);
    }
  }

  destroyAll(): void {
    for (const buffer of this.#spare) this.#destroy(buffer);
  }

  #remove(buffer: GPUBuffer): void {
    this.#spare.delete(buffer);
    this.#bytes -= buffer.size;
  }

  #destroy(buffer: GPUBuffer): void {
    this.#remove(buffer);
    this.#queue.release(buffer);
  }
}

/** The next of the sizes that buffers come in. */
function stepUp(bytes: number): number {
  const step = Math.max(256, 2 ** Math.ceil(Math.log2(bytes)) / (2 * STEPS));
  return Math.ceil(bytes / step) * step;
}
