/** Weights whose inputs don't fill the blocks that kernels read: zeros are put behind each row, which change no sum. */
import type { WeightSource } from './device.js';
import { BLOCK } from './quantize.js';

/** How many inputs a weight of `columns` has on a device whose kernels read whole blocks. */
export function paddedInputs(columns: number): number {
  return Math.ceil(columns / BLOCK) * BLOCK;
}

/** The same matrix, with zeros to the end of each row's last block. */
export function padded(source: WeightSource): WeightSource {
  const { name, rows, columns } = source;
  const inputs = paddedInputs(columns);
  if (inputs === columns) return source;
  return {
    name,
    rows,
    columns: inputs,
    async read(start, count, into) {
      const values = new Float32Array(count * columns);
      await source.read(start, count, values);
      into.fill(0);
      for (let row = 0; row < count; row++) {
        into.set(values.subarray(row * columns, (row + 1) * columns), row * inputs);
      }
    },
  };
}
