/**
 * The device's buffers: planned against its limits before they are made, counted, and checked for want of memory,
 * which WebGPU reports later than it happens.
 */
import { ListwiseError } from '../../../error.js';

/** The flags of GPUBufferUsage; Node has no such global. */
export const USAGE = {
  mapRead: 1,
  copySource: 4,
  copyTarget: 8,
  uniform: 64,
  storage: 128,
  queryResolve: 512,
} as const;

/** GPUMapMode.READ. */
export const MAP_READ = 1;

/** Buffers are multiples of this many bytes, as copies want them. */
const ALIGNMENT = 16;

export class Memory {
  readonly #device: GPUDevice;
  readonly #held = new Set<GPUBuffer>();
  readonly #unsettled = new Map<GPUBuffer, Promise<void>>();
  #bytes = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Of all buffers at present. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that a buffer may have at most: what kernels read and write, they must see whole. */
  largest(usage: number = USAGE.storage): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    const seen = usage & USAGE.storage ? maxStorageBufferBindingSize : maxBufferSize;
    return Math.floor(Math.min(maxBufferSize, seen) / ALIGNMENT) * ALIGNMENT;
  }

  /** Throws `device-unsupported` for a buffer beyond the device's limits. */
  buffer(label: string, bytes: number, usage: number = USAGE.storage | USAGE.copySource | USAGE.copyTarget) {
    const size = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
    if (size > this.largest(usage)) {
      throw new ListwiseError(
        'device-unsupported',
        `${label} needs a buffer of ${readable(size)}; this GPU allows ${readable(this.largest(usage))}.`,
      );
    }
    this.#device.pushErrorScope('out-of-memory');
    const buffer = this.#device.createBuffer({ label, size, usage });
    this.#held.add(buffer);
    this.#bytes += size;
    const check = this.#check(buffer, this.#device.popErrorScope());
    check.catch(() => {}); // who uses the buffer hears of it
    this.#unsettled.set(buffer, check);
    return buffer;
  }

  /** Resolves when all buffers held are known to be there. Throws `out-of-memory`. */
  async settled(): Promise<void> {
    for (const [buffer, check] of this.#unsettled) {
      await check;
      this.#unsettled.delete(buffer);
    }
  }

  /** Whether a buffer is held, and known to be there. */
  isThere(buffer: GPUBuffer): boolean {
    return this.#held.has(buffer) && !this.#unsettled.has(buffer);
  }

  release(buffer: GPUBuffer): void {
    if (!this.#held.delete(buffer)) return;
    this.#unsettled.delete(buffer);
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
      `The GPU has no room for ${label}: it needs ${readable(size)} beside the ${readable(this.#bytes - size)} that are held.`,
      {
        hint: 'Load the model with dtype q8 or f16, give fewer documents, or use the wasm device.',
        cause: error,
      },
    );
  }
}

function readable(bytes: number): string {
  const [size, unit] = bytes < 2 ** 20 ? [bytes / 2 ** 10, 'KiB'] : [bytes / 2 ** 20, 'MiB'];
  return `${Math.ceil(size).toLocaleString('en')} ${unit}`;
}
