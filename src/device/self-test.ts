/** A small known problem that each device solves before it is trusted: every operation once, in every dtype. */
import { ListwiseError } from '../error.js';
import type { Device, Tensor, WeightSource } from './device.js';
import { isQuantized, WEIGHT_DTYPES, type WeightDtype } from './dtype.js';
import type { HeadShape } from './model-shape.js';
import { ReferenceDevice } from './reference/device.js';

const HIDDEN = 64;

/** How large the problem is. */
export interface ProblemSize {
  readonly rows: number;
  /** How many tokens a query sees. */
  readonly window: number;
  /** Rows that are compared. */
  readonly wanted: readonly number[];
}

export const FEW_ROWS: ProblemSize = { rows: 9, window: 5, wanted: [3, 8] };

/**
 * For kernels in tiles: what happens at their borders. Full tiles and torn ones, maxima that rise from one tile of keys
 * to the next, a window that begins within one. Rows before the window's first move, around it, and the last.
 */
export const MANY_ROWS: ProblemSize = { rows: 200, window: 150, wanted: [3, 127, 149, 150, 170, 199] };

/** Largest difference to the reference, relative to the largest value. */
const TOLERANCE = 1e-4;

/** The same where activations are quantised: one that lies between two integers may be rounded either way. */
const QUANTIZED_TOLERANCE = 2e-2;

export interface SelfTestOptions {
  /** All by default. */
  readonly dtypes?: readonly WeightDtype[] | undefined;
  /** As the model has them, so that the kernels are proved that it will run. */
  readonly heads?: HeadShape | undefined;
  readonly tolerance?: number | undefined;
  /** A few rows by default. */
  readonly size?: ProblemSize | undefined;
  /** Makes the memory of keys and values, where a device can tear it into pages. */
  readonly cache?: ((rows: number, columns: number) => Tensor) | undefined;
}

/** Throws `device-unsupported` when the device's numbers are not the reference's within `tolerance`. */
export async function selfTest(device: Device, options: SelfTestOptions = {}): Promise<void> {
  const { dtypes = WEIGHT_DTYPES, heads = { headDim: 32, group: 2 }, tolerance = TOLERANCE } = options;
  const { size = FEW_ROWS, cache } = options;
  for (const dtype of dtypes) {
    const got = await solve(device, dtype, heads, size, cache);
    const error = async (reference: ReferenceDevice) =>
      largestError(got, await solve(reference, dtype, heads, size));
    let worst = await error(new ReferenceDevice());
    if (worst <= (isQuantized(dtype) ? Math.max(tolerance, QUANTIZED_TOLERANCE) : tolerance)) continue; // a NaN is not
    if (isQuantized(dtype)) worst = await error(new ReferenceDevice({ quantizesActivations: false }));
    if (worst <= tolerance) continue;
    throw new ListwiseError(
      'device-unsupported',
      `${device.description} computes wrong numbers in ${dtype} (${worst}).`,
      {
        hint: 'Please report this, with the name of your processor or graphics card.',
      },
    );
  }
}

/** The largest difference, relative to the largest value. */
function largestError(got: Float32Array, expected: Float32Array): number {
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return expected.reduce((max, value, i) => Math.max(max, Math.abs(value - got[i]!)), 0) / largest;
}

/** One decoder layer on a few rows, and a gather. */
async function solve(
  device: Device,
  dtype: WeightDtype,
  { headDim, group }: HeadShape,
  { rows, window, wanted }: ProblemSize,
  makeCache = (height: number, columns: number) => device.cache(height, columns),
): Promise<Float32Array> {
  const queryWidth = group * headDim;
  const width = queryWidth + 2 * headDim;
  const owned: { free(): void }[] = [];
  const tensor = (height: number, columns: number, values?: Float32Array) => {
    const made = device.tensor(height, columns);
    owned.push(made);
    if (values) device.write(made, values);
    return made;
  };
  try {
    const hidden = tensor(rows, HIDDEN, noise(rows * HIDDEN, 1));
    const headNorm = tensor(
      1,
      headDim,
      noise(headDim, 3).map((value) => 1 + value / 10),
    );
    const angles = tensor(rows, headDim, turns(rows, headDim));
    const norm = tensor(
      1,
      HIDDEN,
      noise(HIDDEN, 2).map((value) => 1 + value / 4),
    );
    const normed = device.operand(rows, HIDDEN);
    const projected = tensor(rows, width);
    const queries = device.operand(rows, queryWidth);
    const fresh = device.cache(rows, 2 * headDim);
    const cache = makeCache(rows, 2 * headDim);
    owned.push(normed, queries, fresh, cache);
    const attended = device.operand(rows, queryWidth);
    owned.push(attended);
    const activated = tensor(rows, HIDDEN);
    const out = tensor(wanted.length, HIDDEN);
    const positions = device.indices(Array.from({ length: rows }, (_, i) => i));
    const wantedRows = device.indices(wanted);
    owned.push(positions, wantedRows);
    const weight = async (values: Float32Array, columns: number) => {
      const packed = await device.weight(matrix(values, columns), dtype);
      owned.push(packed);
      return packed;
    };

    // Keys are projected as the first head's queries are, so that a token likes those around it: as tiles of keys go
    // by, each query's maximum rises.
    const projections = weightNoise(width, HIDDEN, 5);
    projections.copyWithin(queryWidth * HIDDEN, 0, headDim * HIDDEN);
    const qkv = await weight(projections, HIDDEN);
    const output = await weight(weightNoise(HIDDEN, queryWidth, 6), queryWidth);
    const gateUp = await weight(weightNoise(2 * HIDDEN, HIDDEN, 7), HIDDEN);
    const pass = device.pass();
    pass.rmsNorm(hidden, norm, 1e-6, normed);
    pass.linear(normed, qkv, projected);
    pass.heads(projected, angles, 1e-6, {
      queries: { norm: headNorm, out: queries },
      keysValues: { norm: headNorm, out: fresh },
    });
    pass.copy(fresh, cache);
    pass.attention(queries, cache, positions, headDim, attended, window);
    pass.linear(attended, output, hidden, 'add');
    pass.linear(hidden, gateUp, activated, 'swiglu');
    pass.gather(activated, wantedRows, out);
    await pass.submit();
    return await device.read(out);
  } finally {
    for (const resource of owned) resource.free();
  }
}

/** Known values between −1 and 1, without a pattern that a wrong layout would survive. */
function noise(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * (i + seed) * Math.SQRT2));
}

/** Cosines, then sines, for each row: small turns, as of neighbouring tokens. */
function turns(rows: number, headDim: number): Float32Array {
  const half = headDim / 2;
  const turn = (row: number, i: number) => (row * (i + 1)) / headDim;
  return Float32Array.from({ length: rows * headDim }, (_, place) => {
    const [row, i] = [Math.floor(place / headDim), place % headDim];
    return i < half ? Math.cos(turn(row, i)) : Math.sin(turn(row, i - half));
  });
}

/** Weights with which values keep their size, as a trained layer's do: rounding errors keep theirs, too. */
function weightNoise(rows: number, columns: number, seed: number): Float32Array {
  return noise(rows * columns, seed).map((value) => value * Math.sqrt(2 / columns));
}

function matrix(values: Float32Array, columns: number): WeightSource {
  return {
    name: 'self-test',
    rows: values.length / columns,
    columns,
    read: async (start, _count, into) =>
      into.set(values.subarray(start * columns, start * columns + into.length)),
  };
}
