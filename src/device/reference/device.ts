/**
 * The reference device: plain TypeScript in double precision, one loop for each sum. It is the oracle of the
 * other devices' tests and what a reader reads first; it is slow on purpose.
 */
import type { Device, Pass, Tensor, WeightSource } from '../device.js';
import type { WeightDtype } from '../dtype.js';
import { LARGEST_F16, largestMagnitude } from '../half.js';
import { checkF16 } from '../shapes.js';
import { ReferencePass } from './pass.js';
import { own, ReferenceIndices, ReferenceTensor, ReferenceWeight } from './tensors.js';

export class ReferenceDevice implements Device {
  readonly kind = 'reference';
  readonly description = 'reference, double precision';
  readonly chunkRows = 128;
  readonly alive = true;
  readonly #quantizes: boolean;
  #bytes = 0;

  /** With q8 and q4 weights x is quantised, too, as integer kernels do; or is multiplied as it is. */
  constructor({ quantizesActivations = true }: { readonly quantizesActivations?: boolean } = {}) {
    this.#quantizes = quantizesActivations;
  }

  get bytes(): number {
    return this.#bytes;
  }

  bytesFor(_kind: string, rows: number, columns: number): number {
    return rows * columns * Float64Array.BYTES_PER_ELEMENT;
  }

  tensor(rows: number, columns: number): ReferenceTensor {
    const values = new Float64Array(rows * columns);
    this.#bytes += values.byteLength;
    return new ReferenceTensor(rows, columns, values, () => {
      this.#bytes -= values.byteLength;
    });
  }

  operand(rows: number, columns: number): ReferenceTensor {
    return this.tensor(rows, columns);
  }

  cache(rows: number, columns: number): ReferenceTensor {
    return this.tensor(rows, columns);
  }

  indices(values: readonly number[]): ReferenceIndices {
    return new ReferenceIndices(Uint32Array.from(values));
  }

  async weight(source: WeightSource, dtype: WeightDtype): Promise<ReferenceWeight> {
    const weight = new ReferenceWeight(source.rows, source.columns, dtype, (bytes) => {
      this.#bytes -= bytes;
    });
    const row = new Float32Array(source.columns);
    for (let index = 0; index < source.rows; index++) {
      await source.read(index, 1, row);
      if (dtype === 'f16') checkF16(source.name, largestMagnitude(row), LARGEST_F16);
      weight.setRow(index, row);
    }
    this.#bytes += weight.bytes;
    return weight;
  }

  write(tensor: Tensor, values: Float32Array): void {
    own(tensor).values.set(values);
  }

  async read(tensor: Tensor): Promise<Float32Array> {
    return Float32Array.from(own(tensor).values);
  }

  pass(): Pass {
    return new ReferencePass(this.#quantizes);
  }

  async dispose(): Promise<void> {
    this.#bytes = 0;
  }
}
