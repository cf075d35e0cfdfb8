/** Weights on their way to the GPU: the host packs them, panel by panel, as they are read. */
import { ListwiseError } from '../../../error.js';
import type { WeightSource } from '../../device.js';
import { isQuantized, type WeightDtype } from '../../dtype.js';
import { padded, paddedInputs } from '../../padding.js';
import type { Life } from '../life.js';
import type { Choices } from '../operations/choices.js';
import { multipleOf } from '../pass.js';
import type { Queue } from '../queue/queue.js';
import type { Memory } from './memory.js';
import { emptyPanel, type Order, OUTPUT_PADDING, PANEL, packPanel } from './packing.js';
import { WebGpuWeight } from './tensors.js';

export class Weights {
  readonly #device: GPUDevice;
  readonly #life: Life;
  readonly #memory: Memory;
  readonly #queue: Queue;
  readonly #choices: Choices;

  constructor(device: GPUDevice, life: Life, memory: Memory, queue: Queue, choices: Choices) {
    this.#device = device;
    this.#life = life;
    this.#memory = memory;
    this.#queue = queue;
    this.#choices = choices;
  }

  /** Throws `device-unsupported` for a size or values that no kernel serves. */
  async load(source: WeightSource, dtype: WeightDtype): Promise<WebGpuWeight> {
    const { name, rows, columns } = source;
    multipleOf(4, rows, `outputs of ${name}`);
    multipleOf(4, columns, `inputs of ${name}`);
    for (const order of this.#choices.orders(dtype)) {
      const weight = this.empty(name, rows, columns, dtype, order);
      try {
        if (await this.#fill(weight, padded(source))) return weight;
      } catch (error) {
        weight.free();
        throw error;
      }
      weight.free();
    }
    throw new ListwiseError('device-unsupported', `The webgpu device has no kernel for ${name} in ${dtype}.`);
  }

  /** A weight of zeros, in whole blocks of inputs. */
  empty(name: string, rows: number, columns: number, dtype: WeightDtype, order: Order): WebGpuWeight {
    const { words, scales } = emptyPanel(paddedInputs(columns), dtype, order);
    const panels = Math.ceil(rows / OUTPUT_PADDING) * (OUTPUT_PADDING / PANEL);
    const buffers: GPUBuffer[] = [];
    const release = () => {
      for (const buffer of buffers) this.#queue.release(buffer);
    };
    try {
      for (const part of isQuantized(dtype) ? [words, scales] : [words]) {
        buffers.push(this.#memory.buffer(name, panels * part.byteLength));
      }
    } catch (error) {
      release();
      throw error;
    }
    return new WebGpuWeight({ rows, columns, dtype, order }, buffers, release);
  }

  /** False if the weight's order can't hold the values. */
  async #fill(weight: WebGpuWeight, source: WeightSource): Promise<boolean> {
    const { dtype, order } = weight;
    const { rows, columns } = source;
    await this.#memory.settled();
    const panel = emptyPanel(columns, dtype, order);
    const parts = [panel.words, panel.scales];
    const floats = new Float32Array(PANEL * columns);
    for (let start = 0; start < rows; start += PANEL) {
      const count = Math.min(PANEL, rows - start);
      const read = floats.subarray(0, count * columns);
      await source.read(start, count, read);
      this.#life.check();
      if (!packPanel(source.name, read, columns, dtype, panel)) return false;
      for (const [i, { buffer }] of weight.buffers.entries()) {
        const part = parts[i]!;
        this.#device.queue.writeBuffer(buffer, (start / PANEL) * part.byteLength, part);
      }
    }
    await this.#queue.uploaded();
    return true;
  }
}
