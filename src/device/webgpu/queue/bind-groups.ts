/**
 * Bind groups, kept by kernel and buffers: to make one takes the host twice as long as all else of a dispatch, and the
 * chunks of a prompt bind the same memory again and again.
 */
import { type Kernel, PARAMS_BYTES } from '../kernels/kernels.js';

/** Beyond this the oldest go: several times what the layers of a large model need. */
const MOST = 4096;

interface Kept {
  readonly group: GPUBindGroup;
  readonly buffers: readonly GPUBuffer[];
}

export class BindGroups {
  readonly #device: GPUDevice;
  readonly #params: GPUBuffer;
  readonly #kept = new Map<string, Kept>();
  /** Where a buffer is bound. */
  readonly #keys = new Map<GPUBuffer, Set<string>>();
  readonly #numbers = new WeakMap<object, number>();
  #numbered = 0;

  /** `params` is binding 0 of every kernel. */
  constructor(device: GPUDevice, params: GPUBuffer) {
    this.#device = device;
    this.#params = params;
  }

  /** `buffers` are bindings 1 and on. */
  bind({ layout }: Kernel, buffers: readonly GPUBuffer[]): GPUBindGroup {
    const key = [layout, ...buffers].map((object) => this.#number(object)).join();
    const kept = this.#kept.get(key);
    if (kept) return kept.group;
    const group = this.#make(layout, buffers);
    if (this.#kept.size === MOST) this.#drop(this.#kept.keys().next().value!);
    this.#kept.set(key, { group, buffers });
    for (const buffer of buffers) {
      const keys = this.#keys.get(buffer);
      if (keys) keys.add(key);
      else this.#keys.set(buffer, new Set([key]));
    }
    return group;
  }

  /** Drops those that a buffer is bound in. */
  forget(buffer: GPUBuffer): void {
    for (const key of this.#keys.get(buffer) ?? []) this.#drop(key);
    this.#keys.delete(buffer);
  }

  #drop(key: string): void {
    for (const buffer of this.#kept.get(key)!.buffers) this.#keys.get(buffer)!.delete(key);
    this.#kept.delete(key);
  }

  #make(layout: GPUBindGroupLayout, buffers: readonly GPUBuffer[]): GPUBindGroup {
    const params = { buffer: this.#params, size: PARAMS_BYTES };
    const entries = [params, ...buffers.map((buffer) => ({ buffer }))];
    return this.#device.createBindGroup({
      layout,
      entries: entries.map((resource, binding) => ({ binding, resource })),
    });
  }

  #number(object: object): number {
    let number = this.#numbers.get(object);
    if (number === undefined) {
      number = this.#numbered++;
      this.#numbers.set(object, number);
    }
    return number;
  }
}
