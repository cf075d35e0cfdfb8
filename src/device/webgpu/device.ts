/**
 * The GPU device: WGSL kernels through WebGPU. Weights are packed by the host, panel by panel, as they are read;
 * passes become dispatches that the queue submits in portions of limited length.
 */
import { ListwiseError } from '../../error.js';
import type { Device, Pass, Tensor, WeightSource } from '../device.js';
import { isQuantized, type WeightDtype } from '../dtype.js';
import { bitsOf, f16FromBits, fromF16 } from '../half.js';
import { BLOCK } from '../quantize.js';
import { type Adapter, requestDevice } from './adapter.js';
import { type Abilities, ARITHMETIC_NAMES, type Arithmetic, matrixShape } from './arithmetic.js';
import { Choices } from './choices.js';
import { Kernels } from './kernels.js';
import { Life } from './life.js';
import { MAP_READ, Memory, USAGE } from './memory.js';
import { emptyPanel, OUTPUT_PADDING, PANEL, packPanel } from './packing.js';
import { multipleOf, WebGpuPass } from './pass.js';
import { Queue } from './queue.js';
import { Scratch } from './scratch.js';
import { BYTES, ownTensor, type TensorDtype, WebGpuIndices, WebGpuTensor, WebGpuWeight } from './tensors.js';
import type { Tools } from './tools.js';

/** Kernels that load whole matrices read on past a page's last key: as far as a tile of keys goes. */
const SPARE_ROWS = 64;

export class WebGpuDevice implements Device {
  readonly kind = 'webgpu';
  /** Many rows keep a large GPU busy in products with few outputs. */
  readonly chunkRows = 2048;
  readonly #adapter: Adapter;
  readonly #arithmetic: Arithmetic;
  readonly #device: GPUDevice;
  readonly #life: Life;
  readonly #memory: Memory;
  readonly #queue: Queue;
  readonly #tools: Tools;

  private constructor(device: GPUDevice, adapter: Adapter, arithmetic: Arithmetic) {
    this.#adapter = adapter;
    this.#arithmetic = arithmetic;
    this.#device = device;
    this.#life = new Life(device);
    this.#memory = new Memory(device);
    this.#queue = new Queue(device, this.#life, this.#memory);
    const abilities: Abilities = {
      arithmetic,
      matrices: arithmetic === 'matrix' ? matrixShape(adapter.gpu.info) : undefined,
      hasDot4: adapter.hasDot4,
      vendor: adapter.gpu.info.vendor,
      workgroupBytes: device.limits.maxComputeWorkgroupStorageSize,
    };
    this.#tools = {
      abilities,
      choices: new Choices(abilities),
      kernels: new Kernels(device),
      scratch: new Scratch(this.#memory, this.#queue),
    };
  }

  /** Throws `device-unsupported` where the adapter lacks what the arithmetic needs. */
  static async open(adapter: Adapter, arithmetic: Arithmetic): Promise<WebGpuDevice> {
    return new WebGpuDevice(await requestDevice(adapter, arithmetic), adapter, arithmetic);
  }

  get description(): string {
    return `WebGPU, ${this.#adapter.name}, ${ARITHMETIC_NAMES[this.#arithmetic]}`;
  }

  get valueBytes() {
    return { tensor: BYTES.f32, cache: BYTES[this.#cacheDtype] };
  }

  get alive(): boolean {
    return !this.#life.ended;
  }

  get bytes(): number {
    return this.#memory.bytes;
  }

  tensor(rows: number, columns: number): WebGpuTensor {
    return this.#tensor(rows, columns, 'f32');
  }

  cache(rows: number, columns: number): WebGpuTensor {
    return this.#tensor(rows, columns, this.#cacheDtype);
  }

  indices(values: readonly number[]): WebGpuIndices {
    const rows = Uint32Array.from(values);
    const buffer = this.#memory.buffer('row numbers', rows.byteLength);
    this.#device.queue.writeBuffer(buffer, 0, rows);
    return new WebGpuIndices(rows, buffer, 0, () => this.#queue.release(buffer));
  }

  async weight(source: WeightSource, dtype: WeightDtype): Promise<WebGpuWeight> {
    const { name, rows, columns } = source;
    multipleOf(4, rows, `outputs of ${name}`);
    multipleOf(BLOCK, columns, `inputs of ${name}`);
    const order = this.#tools.choices.order(dtype);
    const panel = emptyPanel(columns, dtype, order);
    const panels = Math.ceil(rows / OUTPUT_PADDING) * (OUTPUT_PADDING / PANEL);
    const parts = [panel.words, ...(isQuantized(dtype) ? [panel.scales] : [])];
    const buffers = parts.map((part) => this.#memory.buffer(name, panels * part.byteLength));
    const release = () => {
      for (const buffer of buffers) this.#queue.release(buffer);
    };
    try {
      await this.#memory.settled();
      const floats = new Float32Array(PANEL * columns);
      for (let start = 0; start < rows; start += PANEL) {
        const index = start / PANEL;
        const count = Math.min(PANEL, rows - start);
        const read = floats.subarray(0, count * columns);
        await source.read(start, count, read);
        this.#life.check();
        packPanel(name, read, columns, dtype, panel);
        for (const [i, part] of parts.entries()) {
          this.#device.queue.writeBuffer(buffers[i]!, index * part.byteLength, part);
        }
      }
      await this.#queue.uploaded();
      return new WebGpuWeight({ rows, columns, dtype, order }, buffers, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  write(tensor: Tensor, values: Float32Array): void {
    this.#queue.send();
    const own = ownTensor(tensor);
    for (let row = 0; row < own.rows; ) {
      const count = own.rowsInPage(row);
      const { buffer, start } = own.place(row);
      const part = values.subarray(row * own.columns, (row + count) * own.columns);
      const data = own.dtype === 'f32' ? part : Uint16Array.from(bitsOf(part), f16FromBits);
      const offset = start * BYTES[own.dtype];
      this.#device.queue.writeBuffer(buffer, offset, data as ArrayBufferView<ArrayBuffer>);
      row += count;
    }
  }

  async read(tensor: Tensor): Promise<Float32Array> {
    const own = ownTensor(tensor);
    await this.#queue.idle();
    const result = new Float32Array(own.rows * own.columns);
    for (let row = 0; row < own.rows; ) {
      const count = own.rowsInPage(row);
      const { buffer, start } = own.place(row);
      const bytes = BYTES[own.dtype];
      const copied = await this.#copyOut(buffer, start * bytes, count * own.columns * bytes);
      const values =
        own.dtype === 'f32' ? new Float32Array(copied) : Float32Array.from(new Uint16Array(copied), fromF16);
      result.set(values, row * own.columns);
      row += count;
    }
    return result;
  }

  pass(): Pass {
    return new WebGpuPass(this.#tools, this.#queue);
  }

  async dispose(): Promise<void> {
    this.#life.end();
    this.#memory.releaseAll();
    this.#device.destroy();
  }

  get #cacheDtype(): TensorDtype {
    return this.#arithmetic === 'f32' ? 'f32' : 'f16';
  }

  #tensor(rows: number, columns: number, dtype: TensorDtype): WebGpuTensor {
    const rowBytes = columns * BYTES[dtype];
    const spareRows = dtype === 'f16' ? SPARE_ROWS : 0;
    const mostRows = Math.floor(this.#memory.largest() / rowBytes) - spareRows;
    const pageRows = Math.min(rows, Math.max(1, mostRows));
    const pages: GPUBuffer[] = [];
    const release = () => {
      for (const page of pages) this.#queue.release(page);
    };
    try {
      for (let row = 0; row < rows; row += pageRows) {
        pages.push(
          this.#memory.buffer('activations', (Math.min(pageRows, rows - row) + spareRows) * rowBytes),
        );
      }
    } catch (error) {
      release();
      throw error;
    }
    return new WebGpuTensor({ rows, columns, dtype, pageRows }, pages, 0, release);
  }

  async #copyOut(buffer: GPUBuffer, start: number, bytes: number): Promise<ArrayBuffer> {
    const staging = this.#memory.buffer('readback', bytes, USAGE.mapRead | USAGE.copyTarget);
    try {
      await this.#memory.settled();
      const encoder = this.#device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, start, staging, 0, bytes);
      this.#device.queue.submit([encoder.finish()]);
      await staging.mapAsync(MAP_READ).catch((cause: unknown) => {
        this.#life.check();
        throw new ListwiseError('device-failed', 'The GPU did not give its results back.', { cause });
      });
      this.#life.check();
      return staging.getMappedRange(0, bytes).slice(0);
    } finally {
      this.#memory.release(staging);
    }
  }
}
