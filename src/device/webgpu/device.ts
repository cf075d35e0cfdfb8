/**
 * The GPU device: WGSL kernels through WebGPU. Weights are packed by the host, panel by panel, as they are read;
 * passes become dispatches that the queue submits in portions of limited length.
 */
import { ListwiseError } from '../../error.js';
import type { Device, Pass, Tensor, WeightSource } from '../device.js';
import type { WeightDtype } from '../dtype.js';
import { bitsOf, f16FromBits, fromF16 } from '../half.js';
import type { ModelShape } from '../model-shape.js';
import { type Adapter, requestDevice } from './adapter.js';
import { type Abilities, ARITHMETIC_NAMES, type Arithmetic, matrixShape } from './arithmetic.js';
import { Kernels } from './kernels/kernels.js';
import { Life } from './life.js';
import { MAP_READ, Memory, USAGE } from './memory/memory.js';
import { Scratch } from './memory/scratch.js';
import { SpareBuffers } from './memory/spare-buffers.js';
import {
  BYTES,
  ownTensor,
  type TensorDtype,
  WebGpuIndices,
  WebGpuTensor,
  type WebGpuWeight,
} from './memory/tensors.js';
import { Weights } from './memory/weights.js';
import { Choices, type Preferences } from './operations/choices.js';
import { SPARE_ROWS } from './operations/operands.js';
import { WebGpuPass } from './pass.js';
import { Queue } from './queue/queue.js';
import type { Tools } from './tools.js';
import { Stopwatch } from './tuning/stopwatch.js';
import { type Maker, TuningTasks } from './tuning/tasks.js';
import { type Timing, type TimingOptions, timeModel } from './tuning/tune.js';

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
  readonly #spare: SpareBuffers;
  readonly #tools: Tools;
  readonly #weights: Weights;

  private constructor(device: GPUDevice, adapter: Adapter, arithmetic: Arithmetic) {
    this.#adapter = adapter;
    this.#arithmetic = arithmetic;
    this.#device = device;
    this.#life = new Life(device);
    this.#memory = new Memory(device);
    this.#queue = new Queue(device, this.#life, this.#memory);
    this.#spare = new SpareBuffers(this.#memory, this.#queue);
    const abilities: Abilities = {
      arithmetic,
      matrices: arithmetic === 'matrix' ? matrixShape(adapter.gpu) : undefined,
      hasDot4: adapter.hasDot4,
      vendor: adapter.gpu.info.vendor,
      workgroupBytes: device.limits.maxComputeWorkgroupStorageSize,
    };
    const choices = new Choices(abilities);
    this.#weights = new Weights(device, this.#life, this.#memory, this.#queue, choices);
    this.#tools = {
      abilities,
      choices,
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

  /** Whether the CPU imitates the GPU. */
  get isSoftware(): boolean {
    return this.#adapter.isSoftware;
  }

  get alive(): boolean {
    return !this.#life.ended;
  }

  /** Without what lies spare, 64 MiB at most. */
  get bytes(): number {
    return this.#memory.bytes - this.#spare.bytes;
  }

  bytesFor(kind: 'tensor' | 'operand' | 'cache', rows: number, columns: number): number {
    const dtype = this.#dtypeOf(kind);
    if (kind !== 'operand' || dtype === 'f32') return rows * columns * BYTES[dtype];
    return (rows + SPARE_ROWS) * columns * BYTES.f16 + rows * BYTES.f32;
  }

  tensor(rows: number, columns: number): WebGpuTensor {
    return this.#tensor(rows, columns, 'f32');
  }

  operand(rows: number, columns: number): WebGpuTensor {
    if (this.#dtypeOf('operand') === 'f32') return this.tensor(rows, columns);
    const pageRows = this.#pageRows(rows, columns, 'f32', SPARE_ROWS); // in 32 bits a page must fit in a buffer, too
    const scales = this.#tensor(rows, 1, 'f32', pageRows);
    try {
      return this.#tensor(rows, columns, 'f16', pageRows, scales, SPARE_ROWS);
    } catch (error) {
      scales.free();
      throw error;
    }
  }

  /** In pages of at most `mostPageRows`. */
  cache(rows: number, columns: number, mostPageRows = Number.POSITIVE_INFINITY): WebGpuTensor {
    const dtype = this.#dtypeOf('cache');
    const pageRows = Math.min(this.#pageRows(rows, columns, dtype), mostPageRows);
    return this.#tensor(rows, columns, dtype, pageRows);
  }

  indices(values: readonly number[]): WebGpuIndices {
    const rows = Uint32Array.from(values);
    const buffer = this.#spare.take('row numbers', rows.byteLength);
    this.#device.queue.writeBuffer(buffer, 0, rows);
    return new WebGpuIndices(rows, buffer, 0, () => this.#spare.free(buffer));
  }

  weight(source: WeightSource, dtype: WeightDtype): Promise<WebGpuWeight> {
    return this.#weights.load(source, dtype);
  }

  /** Times the ways to compute a model of this shape. Rejects with the signal's reason when aborted. */
  async timeVariants(shape: ModelShape, dtype: WeightDtype, options: TimingOptions): Promise<Timing[]> {
    const stopwatch = await Stopwatch.make(this.#device, this.#queue, this.#memory);
    try {
      return await timeModel(this.tuningTasks(shape, dtype), stopwatch, options);
    } finally {
      stopwatch.free();
    }
  }

  /** What is timed. The caller frees it. */
  tuningTasks(shape: ModelShape, dtype: WeightDtype): TuningTasks {
    const maker: Maker = {
      tensor: (rows, columns) => this.tensor(rows, columns),
      operand: (rows, columns) => this.operand(rows, columns),
      cache: (rows, columns) => this.cache(rows, columns),
      indices: (values) => this.indices(values),
      weight: (rows, columns, order) => this.#weights.empty('tuning', rows, columns, dtype, order),
    };
    return new TuningTasks(this.#tools, maker, shape, dtype);
  }

  /** From now on these variants serve. For weights that are already there, as far as they rest as the kernel needs. */
  prefer(preferences: Preferences): void {
    this.#tools.choices.prefer(preferences);
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
    this.#spare.destroyAll();
    this.#memory.releaseAll();
    this.#device.destroy();
  }

  /** In 16 bits rest keys and values where that is exact enough for the weights, and operands of matrices. */
  #dtypeOf(kind: 'tensor' | 'operand' | 'cache'): TensorDtype {
    if (kind === 'cache') return this.#arithmetic === 'f32' ? 'f32' : 'f16';
    return kind === 'operand' && this.#arithmetic === 'matrix' ? 'f16' : 'f32';
  }

  /** How many rows a page of a tensor has: all, if a buffer may be as large. */
  #pageRows(rows: number, columns: number, dtype: TensorDtype, spare = 0): number {
    const mostRows = Math.floor(this.#memory.largest() / (columns * BYTES[dtype])) - spare;
    return Math.min(rows, Math.max(1, mostRows));
  }

  #tensor(
    rows: number,
    columns: number,
    dtype: TensorDtype,
    pageRows = this.#pageRows(rows, columns, dtype),
    scales?: WebGpuTensor,
    spare = 0,
  ): WebGpuTensor {
    const pages: GPUBuffer[] = [];
    const release = () => {
      for (const page of pages) this.#spare.free(page);
    };
    try {
      for (let row = 0; row < rows; row += pageRows) {
        const bytes = (Math.min(pageRows, rows - row) + spare) * columns * BYTES[dtype];
        pages.push(this.#spare.take('activations', bytes));
      }
    } catch (error) {
      release();
      throw error;
    }
    return new WebGpuTensor({ rows, columns, dtype, pageRows }, pages, 0, release, scales);
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
