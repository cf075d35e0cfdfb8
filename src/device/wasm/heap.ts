/** Hands out ranges of the kernels' memory: first fit, free neighbours joined. */
import { ListwiseError } from '../../error.js';

const ALIGNMENT = 64; // bytes: a cache line, and more than any vector needs
const PAGE = 65_536; // bytes

interface Range {
  readonly start: number;
  readonly end: number;
}

export class Heap {
  readonly memory: WebAssembly.Memory;
  #free: Range[] = []; // by address, never adjacent
  #end: number;
  #used = 0;

  /** `start` is the first byte that the kernels do not use themselves. */
  constructor(memory: WebAssembly.Memory, start: number) {
    this.memory = memory;
    this.#end = align(start);
  }

  /** Bytes handed out. */
  get used(): number {
    return this.#used;
  }

  /** The address of `bytes` bytes. Throws `out-of-memory` when memory is at its end. */
  allocate(bytes: number): number {
    const size = align(bytes);
    const index = this.#free.findIndex(({ start, end }) => end - start >= size);
    const start = index < 0 ? this.#grow(size) : this.#take(index, size);
    this.#used += size;
    return start;
  }

  /** Gives back what `allocate(bytes)` returned. */
  release(start: number, bytes: number): void {
    const end = start + align(bytes);
    this.#used -= end - start;
    const next = this.#free.findIndex((range) => range.start > start);
    const index = next < 0 ? this.#free.length : next;
    const before = this.#free[index - 1];
    const after = this.#free[index];
    const joinsBefore = before?.end === start;
    const joinsAfter = after?.start === end;
    this.#free.splice(joinsBefore ? index - 1 : index, Number(joinsBefore) + Number(joinsAfter), {
      start: joinsBefore ? before.start : start,
      end: joinsAfter ? after.end : end,
    });
  }

  #take(index: number, size: number): number {
    const { start, end } = this.#free[index]!;
    this.#free.splice(index, 1, ...(end - start > size ? [{ start: start + size, end }] : []));
    return start;
  }

  #grow(size: number): number {
    const start = this.#end;
    const missing = start + size - this.memory.buffer.byteLength;
    if (missing > 0) {
      try {
        this.memory.grow(Math.ceil(missing / PAGE));
      } catch (cause) {
        const megabytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
        throw new ListwiseError(
          'out-of-memory',
          `WebAssembly has no ${megabytes(size)} left; ${megabytes(this.#used)} are in use.`,
          {
            cause,
            hint: 'Weights in q8 need a quarter of the memory of f32, in q4 a sixth; shorter documents need less, too.',
          },
        );
      }
    }
    this.#end = start + size;
    return start;
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
