/**
 * Sends dispatches to the GPU in submissions that are short: a driver takes the device away from one that lasts
 * seconds, a screen stutters beside one of tenths, and only between two of them can a request be aborted. How much
 * fits in one follows from how long the ones before it took. Two are under way at a time, so that the GPU does not
 * wait for the host.
 */

import { type Kernel, PARAMS_BYTES } from '../kernels/kernels.js';
import type { Life } from '../life.js';
import { type Memory, USAGE } from '../memory/memory.js';
import { BindGroups } from './bind-groups.js';
import { Budget } from './budget.js';
import type { Clock } from './clock.js';

/** One kernel's run over some workgroups. */
export interface Dispatch {
  readonly kernel: Promise<Kernel>;
  /** Bindings 1 and on. */
  readonly buffers: readonly Bound[];
  /** Words 1 and on; word 0 is the first workgroup. */
  readonly params: readonly (number | Float)[];
  readonly workgroups: number;
  /** Floating-point operations, or what takes as long. */
  readonly cost: number;
}

/** Something with a buffer at the time when it is bound: scratch memory may have grown since it was recorded. */
export interface Bound {
  readonly buffer: GPUBuffer;
}

/** A parameter in 32-bit floating point. */
export interface Float {
  readonly float: number;
}

/** What a value costs that is only normalised or moved, in operations of a product. */
export const COST_OF_VALUE = 16;

const UNDER_WAY = 2; // submissions
const SLOT = 256; // bytes between parameters: no device asks for more
const SLOTS = 1024; // dispatches in a submission at most
const MOST_WORKGROUPS = 65_535; // in a dispatch, on every device

interface Recorded {
  readonly kernel: Kernel;
  readonly bindings: GPUBindGroup;
  readonly workgroups: number;
}

export class Queue {
  readonly #device: GPUDevice;
  readonly #life: Life;
  readonly #memory: Memory;
  readonly #params: GPUBuffer;
  readonly #bindGroups: BindGroups;
  readonly #slots = new ArrayBuffer(SLOTS * SLOT);
  readonly #underWay = new Set<Promise<void>>();
  #batch: Recorded[] = [];
  #batchCost = 0;
  readonly #budget = new Budget();

  constructor(device: GPUDevice, life: Life, memory: Memory) {
    this.#device = device;
    this.#life = life;
    this.#memory = memory;
    this.#params = memory.buffer('parameters', SLOTS * SLOT, USAGE.uniform | USAGE.copyTarget);
    this.#bindGroups = new BindGroups(device, this.#params);
  }

  /**
   * Takes work in, and has the GPU begin with it if it is idle. Resolves when there is room for more; rejects with the
   * signal's reason when aborted.
   */
  async run(dispatches: readonly Dispatch[], signal?: AbortSignal): Promise<void> {
    await this.#memory.settled();
    this.#life.check();
    for (const dispatch of dispatches) {
      const kernel = await dispatch.kernel;
      const buffers = dispatch.buffers.map(({ buffer }) => buffer);
      const bindings = this.#bindGroups.bind(kernel, buffers);
      const costOfOne = dispatch.cost / dispatch.workgroups;
      for (let first = 0; first < dispatch.workgroups; ) {
        signal?.throwIfAborted();
        const affordable = Math.floor((this.#budget.operations - this.#batchCost) / costOfOne);
        if (this.#batch.length === SLOTS || (this.#batch.length > 0 && affordable < 1)) {
          await this.#room();
          this.send();
          continue;
        }
        const left = dispatch.workgroups - first;
        const workgroups = Math.min(left, Math.max(1, affordable), MOST_WORKGROUPS);
        this.#record({ kernel, bindings, workgroups }, first, dispatch.params);
        this.#batchCost += workgroups * costOfOne;
        first += workgroups;
      }
    }
    if (this.#underWay.size === 0) this.send();
  }

  /**
   * Submits a few dispatches by themselves, whole, as they are to be measured, and resolves when they are done with how
   * many milliseconds that took.
   */
  async runAlone(dispatches: readonly Dispatch[], clock?: Clock): Promise<number> {
    const kernels = await Promise.all(dispatches.map(({ kernel }) => kernel));
    await this.#memory.settled();
    await this.idle();
    for (const [i, { buffers, params, workgroups, cost }] of dispatches.entries()) {
      const bindings = this.#bindGroups.bind(
        kernels[i]!,
        buffers.map(({ buffer }) => buffer),
      );
      this.#record({ kernel: kernels[i]!, bindings, workgroups }, 0, params);
      this.#batchCost += cost;
    }
    const start = performance.now();
    this.#submit(clock);
    await Promise.all(this.#underWay);
    this.#life.check();
    return performance.now() - start;
  }

  /** Submits what was taken in. Later writes and copies on the GPU's queue come after it. */
  send(): void {
    if (this.#batch.length > 0) this.#submit();
  }

  #submit(clock?: Clock): void {
    this.#device.queue.writeBuffer(this.#params, 0, this.#slots, 0, this.#batch.length * SLOT);
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass(clock && { timestampWrites: clock.timestampWrites });
    for (const [slot, { kernel, bindings, workgroups }] of this.#batch.entries()) {
      pass.setPipeline(kernel.pipeline);
      pass.setBindGroup(0, bindings, [slot * SLOT]);
      pass.dispatchWorkgroups(workgroups);
    }
    pass.end();
    clock?.keep(encoder);
    this.#device.queue.submit([encoder.finish()]);
    this.#watch(this.#batchCost);
    this.#batch = [];
    this.#batchCost = 0;
  }

  /** Resolves when the GPU has done everything. */
  async idle(): Promise<void> {
    this.send();
    await Promise.all(this.#underWay);
    this.#life.check();
    this.#measureLatency();
  }

  /** Resolves when what was written has left the host: without it, all of a model's weights would lie there twice. */
  async uploaded(): Promise<void> {
    this.#device.queue.submit([]);
    await this.#device.queue.onSubmittedWorkDone();
    this.#life.check();
  }

  /** Gives a buffer back; what was submitted still has it. */
  release(buffer: GPUBuffer): void {
    this.send();
    this.#bindGroups.forget(buffer);
    this.#memory.release(buffer);
  }

  /** Resolves when a submission can be made without the GPU's queue becoming long. */
  async #room(): Promise<void> {
    while (this.#underWay.size >= UNDER_WAY) await Promise.race(this.#underWay);
    this.#life.check();
  }

  #record(recorded: Recorded, first: number, params: Dispatch['params']): void {
    const words = new DataView(this.#slots, this.#batch.length * SLOT, PARAMS_BYTES);
    words.setUint32(0, first, true);
    for (const [index, value] of params.entries()) {
      if (typeof value === 'number') words.setUint32(4 * index + 4, value, true);
      else words.setFloat32(4 * index + 4, value.float, true);
    }
    this.#batch.push(recorded);
  }

  #watch(cost: number): void {
    const submitted = performance.now();
    const done = this.#answered(() => this.#budget.learn(cost, submitted, performance.now()));
    const watched = done.finally(() => this.#underWay.delete(watched));
    this.#underWay.add(watched);
  }

  /** How long the GPU takes to say that it has done nothing. Nobody waits for it. */
  #measureLatency(): void {
    const submitted = performance.now();
    this.#device.queue.submit([]);
    this.#answered(() => this.#budget.learnLatency(performance.now() - submitted));
  }

  /** Calls `hear` when what was submitted is done; not if the device is lost, which `life` tells. */
  #answered(hear: () => void): Promise<void> {
    return this.#device.queue.onSubmittedWorkDone().then(hear, () => {});
  }
}
