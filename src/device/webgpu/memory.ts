/**
 * The device's buffers: planned against its limits before they are made, counted, and checked for want of memory,
 * which WebGPU reports later than it happens.
 */
import { ListwiseError } from '../../error.js';

/** The flags of GPUBufferUsage; Node has no such global. */
export const USAGE = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 } as const;

/** Buffers are multiples of this many bytes, as copies want them. */
const ALIGNMENT = 16;

export class Memory {
  readonly #device: GPUDevice;
  readonly #held = new Set<GPUBuffer>();
  #pending: Promise<void>[] = [];
  #bytes = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Of all buffers at present. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that one buffer may have and one kernel may see at once. */
  get largestBuffer(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    return Math.floor(Math.min(maxBufferSize, maxStorageBufferBindingSize) / ALIGNMENT) * ALIGNMENT;
  }

  /** Throws `device-unsupported` for a buffer beyond the device's limits. */
  buffer(label: string, bytes: number, usage: number = USAGE.storage | USAGE.copySource | USAGE.copyTarget) {
    const size = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
    if (size > this.largestBuffer) {
      throw new ListwiseError(
        'device-unsupported',
        `${label} needs a buffer of ${mebibytes(size)}; this GPU allows ${mebibytes(this.largestBuffer)}.`,
      );
    }
    this.#device.pushErrorScope('out-of-memory');
    const buffer = this.#device.createBuffer({ label, size, usage });
    this.#pending.push(this.#check(buffer, this.#device.popErrorScope()));
    this.#held.add(buffer);
    this.#bytes += size;
    return buffer;
  }

  /** Resolves when all buffers so far are known to be there. Throws `out-of-memory`. */
  async settled(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    await Promise.all(pending);
  }

  release(buffer: GPUBuffer): void {
    if (!this.#held.delete(buffer)) return;
    this.#bytes -= buffer.size;
    buffer.destroy();
  }

  releaseAll(): void {
    for (const buffer of this.#held) this.release(buffer);
  }

  async #check({ label, size }: GPUBuffer, scope: Promise<GPUError | null>): Promise<void> {
    const error = await scope.catch(() => null); // a lost device is another's to tell
    if (!error) return;
    throw new ListwiseError(
      'out-of-memory',
      `The GPU has no room for ${label}: it needs ${mebibytes(size)} beside the ${mebibytes(this.#bytes - size)} that are held.`,
      {
        hint: 'Load the model with dtype q8 or f16, give fewer documents, or use the wasm device.',
        cause: error,
      },
    );
  }
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`;
}
