/**
 * Where some inputs' weights are far larger than others', they leave few steps of a block's integers to the rest. So
 * before weights are quantised their columns are brought to one size by powers of two, which the norm that feeds them
 * takes on: the product stays what it was, to the last bit. After "cross-layer equalization" (Nagel et al. 2019,
 * arXiv 1906.04721, section 4.1), with a norm in place of a layer.
 */
import type { WeightSource } from '../device/device.js';

/** Rows that tell how large columns are, in as many stretches. */
const STRETCHES = 16;
const ROWS_OF_STRETCH = 8;

/** By what the columns of matrices, all fed by one norm, are too large: a power of two for each. */
export async function columnScales(matrices: readonly WeightSource[]): Promise<Float32Array> {
  const { columns } = matrices[0]!;
  const squares = new Float64Array(columns);
  for (const matrix of matrices) await addSquares(matrix, squares);
  const sizes = squares.map(Math.sqrt);
  const usual = [...sizes].sort((a, b) => a - b)[Math.floor(columns / 2)]!;
  return Float32Array.from(sizes, (size) =>
    size > 0 && usual > 0 ? 2 ** Math.round(Math.log2(size / usual)) : 1,
  );
}

/** Adds to each column's sum the squares of some rows, spread over the matrix. */
async function addSquares(matrix: WeightSource, squares: Float64Array): Promise<void> {
  const { rows, columns } = matrix;
  const count = Math.min(ROWS_OF_STRETCH, rows);
  const values = new Float32Array(count * columns);
  for (let stretch = 0; stretch < STRETCHES; stretch++) {
    await matrix.read(Math.floor(((rows - count) * stretch) / STRETCHES), count, values);
    for (let i = 0; i < values.length; i++) squares[i % columns]! += values[i]! ** 2;
  }
}

/** The matrix with each column divided by its scale. */
export function withoutScales(source: WeightSource, scales: Float32Array): WeightSource {
  if (scales.every((scale) => scale === 1)) return source;
  const factors = scales.map((scale) => 1 / scale);
  return {
    ...source,
    async read(start, count, into) {
      await source.read(start, count, into);
      for (let i = 0; i < into.length; i++) into[i] = into[i]! * factors[i % factors.length]!;
    },
  };
}
