/**
 * The CPU device: WebAssembly SIMD kernels, run by worker threads over one shared memory. Tensors and packed
 * weights live in that memory; a pass is a program in it.
 */
import { hardwareThreads } from '#platform';
import { ListwiseError } from '../../error.js';
import type { Device, Pass, Tensor, WeightSource } from '../device.js';
import type { WeightDtype } from '../dtype.js';
import { LARGEST_F16 } from '../half.js';
import { padded } from '../padding.js';
import { checkF16 } from '../shapes.js';
import { Heap } from './heap.js';
import { compileKernels, DTYPE, type KernelBuild, type Kernels } from './kernels.js';
import { groupOf, OCTET, panelBytes, panelOf, weightBytes } from './packing.js';
import { multipleOf, PACKED, PADDED, type Recording, STEP_WORDS, WasmPass } from './pass.js';
import { startThreads, type ThreadPool } from './pool.js';
import { ownTensor, WasmIndices, WasmTensor, WasmWeight } from './tensors.js';

/** Bytes of f32 rows that are packed at a time while a weight loads. */
const STAGING = 1 << 20;

/** Scratch of a thread for a tile of sums; a widened panel comes after it. As in kernels/linear.ts. */
const SUMS_BYTES = 384;

/** For people. */
const BUILD_NAMES: Readonly<Record<KernelBuild, string>> = {
  plain: 'SIMD',
  relaxed: 'relaxed SIMD',
  wide: '256-bit SIMD',
};

/** Memory that grows to the largest program's need and stays. */
interface Arena {
  address: number;
  bytes: number;
}

export interface WasmOptions {
  /** One for each fast core by default; with 0 the calling thread does the work. */
  readonly threads?: number | undefined;
  /** The best narrow one that the engine runs by default. */
  readonly build?: KernelBuild | undefined;
  /** Hears why there are fewer threads than were asked for. */
  readonly onNotice?: ((notice: string) => void) | undefined;
}

export class WasmDevice implements Device {
  readonly kind = 'wasm';
  /** A multiple of the kernels' 6-row tiles that is large enough to read weights seldom. */
  readonly chunkRows = 384;
  readonly #kernels: Kernels;
  readonly #pool: ThreadPool;
  readonly #heap: Heap;
  readonly #barrier: number;
  readonly #packed: Arena = { address: 0, bytes: 0 };
  readonly #padded: Arena = { address: 0, bytes: 0 };
  readonly #scratch: Arena = { address: 0, bytes: 0 };

  private constructor(kernels: Kernels, pool: ThreadPool) {
    this.#kernels = kernels;
    this.#pool = pool;
    this.#heap = new Heap(kernels.memory, kernels.exports.heapBase());
    this.#barrier = this.#heap.allocate(8);
  }

  /** Throws `device-unsupported` where there is no WebAssembly SIMD, `invalid-input` for a bad thread count. */
  static async open(options: WasmOptions = {}): Promise<WasmDevice> {
    const threads = options.threads ?? hardwareThreads();
    if (!Number.isInteger(threads) || threads < 0 || threads > 256) {
      throw new ListwiseError(
        'invalid-input',
        `threads is ${threads}, expected a whole number from 0 to 256.`,
      );
    }
    const kernels = await compileKernels(options.build);
    return new WasmDevice(kernels, await startThreads(kernels, threads, options.onNotice ?? (() => {})));
  }

  get description(): string {
    const { threads } = this.#pool;
    const { build, layout } = this.#kernels;
    const integers = layout.forms.q8 === 'words' ? '' : ', int8 dot';
    return `WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${BUILD_NAMES[build]}${integers}`;
  }

  get alive(): boolean {
    return this.#pool.alive;
  }

  get bytes(): number {
    return this.#heap.used;
  }

  bytesFor(_kind: string, rows: number, columns: number): number {
    return rows * columns * 4;
  }

  tensor(rows: number, columns: number): WasmTensor {
    const bytes = rows * columns * 4;
    const address = this.#heap.allocate(bytes);
    return new WasmTensor(address, rows, columns, () => this.#heap.release(address, bytes));
  }

  operand(rows: number, columns: number): WasmTensor {
    return this.tensor(rows, columns);
  }

  cache(rows: number, columns: number): WasmTensor {
    return this.tensor(rows, columns);
  }

  indices(values: readonly number[]): WasmIndices {
    const address = this.#heap.allocate(values.length * 4);
    const rows = Uint32Array.from(values);
    new Uint32Array(this.#heap.memory.buffer, address, rows.length).set(rows);
    return new WasmIndices(address, rows, () => this.#heap.release(address, rows.length * 4));
  }

  async weight(source: WeightSource, dtype: WeightDtype): Promise<WasmWeight> {
    const { rows, columns } = source;
    multipleOf(OCTET, rows, `outputs of ${source.name}`);
    const whole = padded(source);
    const { columns: inputs } = whole;
    const { layout, exports } = this.#kernels;
    const panel = panelOf(dtype, layout);
    const bytesOfPanel = panelBytes(inputs, dtype, layout);
    const bytes = weightBytes(rows, inputs, dtype, layout);
    const address = this.#heap.allocate(bytes);
    const release = () => this.#heap.release(address, bytes);
    const step = Math.max(panel, Math.floor(STAGING / (panel * inputs * 4)) * panel);
    const staging = this.tensor(Math.min(step, rows), inputs);
    try {
      for (let start = 0; start < rows; start += step) {
        const count = Math.min(step, rows - start);
        await whole.read(start, count, this.#view(staging.slice(0, count)));
        if (dtype === 'f16') {
          checkF16(source.name, exports.largestMagnitude(staging.address, count * inputs), LARGEST_F16);
        }
        const out = address + (start / panel) * bytesOfPanel;
        exports.pack(DTYPE[dtype], staging.address, count, inputs, out, groupOf(dtype, layout));
      }
      return new WasmWeight(address, rows, columns, dtype, release);
    } catch (error) {
      release();
      throw error;
    } finally {
      staging.free();
    }
  }

  write(tensor: Tensor, values: Float32Array): void {
    this.#view(ownTensor(tensor)).set(values);
  }

  async read(tensor: Tensor): Promise<Float32Array> {
    return this.#view(ownTensor(tensor)).slice();
  }

  pass(): Pass {
    return new WasmPass(this.#kernels.layout, this.#pool.threads, (recording) => this.#run(recording));
  }

  async dispose(): Promise<void> {
    await this.#pool.dispose();
  }

  async #run({ steps, packedBytes, paddedBytes, widenedBytes, headDim }: Recording): Promise<void> {
    const attention = headDim === 0 ? 0 : this.#kernels.exports.attentionScratchBytes(headDim);
    const scratchBytes = Math.ceil(Math.max(SUMS_BYTES + widenedBytes, attention) / 64) * 64;
    const scratch = this.#reserve(this.#scratch, scratchBytes * this.#pool.threads);
    const packed = this.#reserve(this.#packed, packedBytes);
    const padded = this.#reserve(this.#padded, paddedBytes);

    const bytes = steps.length * STEP_WORDS * 4;
    const address = this.#heap.allocate(bytes);
    const integers = new Int32Array(this.#heap.memory.buffer, address, steps.length * STEP_WORDS).fill(0);
    const floats = new Float32Array(integers.buffer, address, integers.length);
    for (const [index, words] of steps.entries()) {
      for (const [position, word] of words.entries()) {
        const place = index * STEP_WORDS + position;
        if (typeof word === 'number') integers[place] = word;
        else if (word === PACKED) integers[place] = packed;
        else if (word === PADDED) integers[place] = padded;
        else floats[place] = word.float;
      }
    }
    try {
      await this.#pool.run({ address, steps: steps.length, barrier: this.#barrier, scratch, scratchBytes });
    } finally {
      this.#heap.release(address, bytes);
    }
  }

  #reserve(arena: Arena, bytes: number): number {
    if (arena.bytes < bytes) {
      if (arena.bytes > 0) this.#heap.release(arena.address, arena.bytes);
      arena.bytes = 0;
      arena.address = this.#heap.allocate(bytes);
      arena.bytes = bytes;
    }
    return arena.address;
  }

  /** The tensor's memory, until memory grows. */
  #view({ address, rows, columns }: WasmTensor): Float32Array {
    return new Float32Array(this.#heap.memory.buffer, address, rows * columns);
  }
}
