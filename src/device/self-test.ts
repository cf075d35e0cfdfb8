/** A small known problem that each device solves before it is trusted: every operation once, in every dtype. */
import { ListwiseError } from '../error.js';
import type { Device, WeightSource } from './device.js';
import { isQuantized, WEIGHT_DTYPES, type WeightDtype } from './dtype.js';
import { ReferenceDevice } from './reference/device.js';

const ROWS = 9;
const HIDDEN = 64;
const WINDOW = 5;

/** Heads as the model has them, so that the kernels are proved that it will run. */
export interface HeadShape {
  readonly headDim: number;
  /** Query heads that share a key-value head. */
  readonly group: number;
}

/** Largest difference to the reference, relative to the largest value. */
const TOLERANCE = 1e-4;

/** The same for q8 and q4: an activation that lies between two integers may be rounded either way. */
const QUANTIZED_TOLERANCE = 2e-2;

/** Throws `device-unsupported` when the device's numbers are not the reference's within `tolerance`. */
export async function selfTest(
  device: Device,
  dtypes: readonly WeightDtype[] = WEIGHT_DTYPES,
  heads: HeadShape = { headDim: 32, group: 2 },
  tolerance = TOLERANCE,
): Promise<void> {
  for (const dtype of dtypes) {
    const expected = await solve(new ReferenceDevice(), dtype, heads);
    const got = await solve(device, dtype, heads);
    const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    const error = expected.reduce((max, value, i) => Math.max(max, Math.abs(value - got[i]!)), 0) / largest;
    if (error <= (isQuantized(dtype) ? Math.max(tolerance, QUANTIZED_TOLERANCE) : tolerance)) continue; // a NaN is not
    throw new ListwiseError(
      'device-unsupported',
      `${device.description} computes wrong numbers in ${dtype} (${error}).`,
      {
        hint: 'Please report this, with the name of your processor or graphics card.',
      },
    );
  }
}

/** One decoder layer on a few rows, and a gather. */
async function solve(
  device: Device,
  dtype: WeightDtype,
  { headDim, group }: HeadShape,
): Promise<Float32Array> {
  const queryWidth = group * headDim;
  const width = queryWidth + 2 * headDim;
  const owned: { free(): void }[] = [];
  const tensor = (rows: number, columns: number, values?: Float32Array) => {
    const made = device.tensor(rows, columns);
    owned.push(made);
    if (values) device.write(made, values);
    return made;
  };
  try {
    const hidden = tensor(ROWS, HIDDEN, noise(ROWS * HIDDEN, 1));
    const headNorm = tensor(
      1,
      headDim,
      noise(headDim, 3).map((value) => 0.4 + value / 10),
    );
    const angles = tensor(ROWS, headDim, turns(headDim));
    const norm = tensor(
      1,
      HIDDEN,
      noise(HIDDEN, 2).map((value) => 1 + value / 4),
    );
    const normed = device.operand(ROWS, HIDDEN);
    const projected = tensor(ROWS, width);
    const queries = tensor(ROWS, queryWidth);
    const fresh = device.cache(ROWS, 2 * headDim);
    const cache = device.cache(ROWS, 2 * headDim);
    owned.push(normed, fresh, cache);
    const attended = tensor(ROWS, queryWidth);
    const activated = tensor(ROWS, HIDDEN);
    const out = tensor(2, HIDDEN);
    const positions = device.indices(Array.from({ length: ROWS }, (_, i) => i));
    const wanted = device.indices([3, ROWS - 1]);
    owned.push(positions, wanted);
    const weight = async (rows: number, columns: number, seed: number) => {
      const packed = await device.weight(noiseMatrix(rows, columns, seed), dtype);
      owned.push(packed);
      return packed;
    };

    const qkv = await weight(width, HIDDEN, 5);
    const output = await weight(HIDDEN, queryWidth, 6);
    const gateUp = await weight(2 * HIDDEN, HIDDEN, 7);
    const pass = device.pass();
    pass.rmsNorm(hidden, norm, 1e-6, normed);
    pass.linear(normed, qkv, projected);
    pass.queries(projected, headNorm, 1e-6, angles, queries);
    pass.keysValues(projected, headNorm, 1e-6, angles, fresh);
    pass.copy(fresh, cache);
    pass.attention(queries, cache, positions, headDim, attended, WINDOW);
    pass.linear(attended, output, hidden, 'add');
    pass.linear(hidden, gateUp, activated, 'swiglu');
    pass.gather(activated, wanted, out);
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
function turns(headDim: number): Float32Array {
  const half = headDim / 2;
  const turn = (row: number, i: number) => (row * (i + 1)) / headDim;
  return Float32Array.from({ length: ROWS * headDim }, (_, place) => {
    const [row, i] = [Math.floor(place / headDim), place % headDim];
    return i < half ? Math.cos(turn(row, i)) : Math.sin(turn(row, i - half));
  });
}

/** Weights with which values keep their size, as a trained layer's do: rounding errors keep theirs, too. */
function noiseMatrix(rows: number, columns: number, seed: number): WeightSource {
  const values = noise(rows * columns, seed).map((value) => value * Math.sqrt(2 / columns));
  return {
    name: `self-test ${seed}`,
    rows,
    columns,
    read: async (start, _count, into) =>
      into.set(values.subarray(start * columns, start * columns + into.length)),
  };
}
