/**
 * The contract between the model and whatever runs it.
 *
 * A decoder that only prefills needs six operations; a seventh lets one look into attention. They are recorded into a pass and run, in order, when the
 * pass is submitted: a GPU encodes commands, a CPU's workers run a program with barriers between its steps, the
 * reference computes at once. Whoever adds a device writes one folder that passes `test/device/contract`.
 *
 * Tensors are row-major matrices of 32-bit floats (the reference keeps doubles). Accumulators, norms and softmax
 * statistics are 32-bit floats at least; a weight's dtype says how it rests, not how sums are made. A device
 * throws `device-unsupported` for a shape its kernels can't serve: there are no silent wrong numbers.
 */
import type { WeightDtype } from './dtype.js';

/** What computes: plain TypeScript, WebAssembly on threads, or the GPU. */
export type DeviceKind = 'reference' | 'wasm' | 'webgpu';

/** A matrix of activations on a device. */
export interface Tensor {
  readonly rows: number;
  readonly columns: number;
  /** `count` rows from `start` on, sharing memory with this tensor. */
  slice(start: number, count: number): Tensor;
  /** Gives the memory back. A slice owns none: freeing it does nothing. */
  free(): void;
}

/** A linear layer's matrix [out, in] on a device, packed as its kernels like it. */
export interface Weight {
  readonly rows: number;
  readonly columns: number;
  readonly dtype: WeightDtype;
  free(): void;
}

/** Where a device takes a weight from, some rows at a time, so that no second copy of it is ever whole. */
export interface WeightSource {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Writes rows `start` to `start + count` as f32 into `into` [count, columns]. One read at a time. */
  read(start: number, count: number, into: Float32Array): Promise<void>;
}

/**
 * What `linear` does with its result `y = x·Wᵀ` before it writes it:
 * - `none`: out = y
 * - `add`: out = out + y (the residual stream)
 * - `relu`: out = max(y, 0)
 * - `swiglu`: out_i = silu(y_2i) · y_2i+1, half as wide as y. The weight's rows alternate: gate, up, gate, up …
 */
export type Epilogue = 'none' | 'add' | 'relu' | 'swiglu';

/** Where heads go, and by what they are normalised: `norm` [1, headDim]. */
export interface ReadyHeads {
  /** `out` [tokens, heads·headDim] */
  readonly queries?: { readonly norm: Tensor; readonly out: Tensor };
  /** `out` [tokens, 2·kvHeads·headDim], the part of a cache that these tokens fill. */
  readonly keysValues?: { readonly norm: Tensor; readonly out: Tensor };
}

/** Operations recorded to run together. */
export interface Pass {
  /** out = x / rms(x) · weight, row by row. `weight` is [1, columns]. */
  rmsNorm(x: Tensor, weight: Tensor, epsilon: number, out: Tensor): void;

  /** out = epilogue(x·Wᵀ) for x [tokens, in] and W [out, in]. */
  linear(x: Tensor, weight: Weight, out: Tensor, epilogue?: Epilogue): void;

  /**
   * Heads, ready for attention. The first columns of `projected` are query heads, the last are keys and then as many
   * values. Queries and keys are RMS-normalised head by head, then rotated; values are copied. `angles` [tokens,
   * headDim] holds, for each row, the cosines of headDim/2 angles and then their sines. Where `projected` has one kind
   * alone, the other is left out.
   */
  heads(projected: Tensor, angles: Tensor, epsilon: number, ready: ReadyHeads): void;

  /**
   * Causal grouped-query attention. Row i of `queries` [rows, heads·headDim] stands at `positions` i and sees the
   * cache's rows j ≤ position, and with a window only those with position − j < window. `cache` [tokens,
   * 2·kvHeads·headDim] holds keys, then values. Scores are scaled by headDim^-0.5.
   */
  attention(
    queries: Tensor,
    cache: Tensor,
    positions: Indices,
    headDim: number,
    out: Tensor,
    window?: number,
  ): void;

  /**
   * What `attention` weighs values with, for whoever wants to see it: the model's own pass does without. Row i·heads + h
   * of `out` [rows·heads, keys] are the weights of query i's head h over the cache's rows: they add up to 1, and what the
   * query does not see, or is not there, has 0.
   */
  attentionWeights(
    queries: Tensor,
    cache: Tensor,
    positions: Indices,
    headDim: number,
    out: Tensor,
    window?: number,
  ): void;

  /** out_i = x at row `rows` i. */
  gather(x: Tensor, rows: Indices, out: Tensor): void;

  /** out = x, from one memory of keys and values to another. */
  copy(x: Tensor, out: Tensor): void;

  /**
   * Runs what was recorded. Resolves when the device is ready for more: a GPU may still be at work, and what goes
   * wrong there is thrown by a later call. Rejects with the signal's reason when aborted, with the pass half done.
   * A pass is submitted once.
   */
  submit(signal?: AbortSignal): Promise<void>;
}

/** Row numbers on a device. */
export interface Indices {
  readonly values: Uint32Array;
  slice(start: number, count: number): Indices;
  free(): void;
}

export interface Device {
  readonly kind: DeviceKind;
  /** For people: what it is and how it is set up, as in "WebAssembly, 2 threads, relaxed SIMD". */
  readonly description: string;
  /** Bytes of a tensor's values, made by the method of that name. */
  bytesFor(kind: 'tensor' | 'operand' | 'cache', rows: number, columns: number): number;
  /** How many rows of activations it likes to work on at a time. */
  readonly chunkRows: number;

  tensor(rows: number, columns: number): Tensor;
  /**
   * A tensor that operations hand to each other and the host neither writes nor reads: `rmsNorm`, `heads` and
   * `attention` write it, `linear` and `attention` read it. It may rest in 16 bits, as their kernels like it.
   */
  operand(rows: number, columns: number): Tensor;
  /** A tensor for keys and values, which may rest in 16 bits. `heads` writes it, `attention` reads it. */
  cache(rows: number, columns: number): Tensor;
  indices(values: readonly number[]): Indices;
  /** Packs a weight. Throws `checkpoint-corrupt` if the source holds a NaN or an infinity. */
  weight(source: WeightSource, dtype: WeightDtype): Promise<Weight>;
  /** Copies values [rows, columns] into a tensor, after all that was submitted. */
  write(tensor: Tensor, values: Float32Array): void;
  /** Copies a tensor out, when all that was submitted is done. */
  read(tensor: Tensor): Promise<Float32Array>;

  pass(): Pass;
  /** False once the device was lost or has failed for good; open another then. */
  readonly alive: boolean;
  /** Bytes the device holds at present. */
  readonly bytes: number;
  /** Frees everything. Nothing of this device may be used afterwards. */
  dispose(): Promise<void>;
}
