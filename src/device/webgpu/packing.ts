/** How weights rest on the GPU: in panels of 64 outputs, so that neighbouring threads read neighbouring words. */
import { ListwiseError } from '../../error.js';
import { Q8_BLOCK, quantizeBlock, type WeightDtype } from '../dtype.js';
import { toBf16, toF16 } from '../half.js';

/** Outputs in a panel: the width of the kernels' tiles. */
export const PANEL = 64;

/** Inputs that share a 32-bit word. */
export const INPUTS_PER_WORD: Readonly<Record<WeightDtype, number>> = { f32: 1, bf16: 2, f16: 2, q8: 4 };

/** Kernels in 16-bit arithmetic add four products of a weight and an activation below 64 before they widen. */
const LARGEST_F16 = 255;

/** A panel: words [inputs / per word, 64] and, in q8, scales [inputs / 32, 64]. */
export interface Panel {
  readonly words: Uint32Array<ArrayBuffer>;
  readonly scales: Float32Array<ArrayBuffer>;
}

export function emptyPanel(columns: number, dtype: WeightDtype): Panel {
  return {
    words: new Uint32Array((columns / INPUTS_PER_WORD[dtype]) * PANEL),
    scales: new Float32Array(dtype === 'q8' ? (columns / Q8_BLOCK) * PANEL : 0),
  };
}

/** Packs up to 64 rows [rows, columns] of the weight `name`; what is missing of 64 is zero. */
export function packPanel(
  name: string,
  rows: Float32Array,
  columns: number,
  dtype: WeightDtype,
  into: Panel,
) {
  const count = rows.length / columns;
  if (count < PANEL) {
    into.words.fill(0);
    into.scales.fill(0);
  }
  for (let output = 0; output < count; output++) {
    const row = rows.subarray(output * columns, (output + 1) * columns);
    if (dtype === 'q8') packIntegers(row, output, into);
    else if (dtype === 'f32') packFloats(row, output, into.words);
    else packHalves(name, row, output, dtype, into.words);
  }
}

function packFloats(row: Float32Array, output: number, words: Uint32Array): void {
  const bits = new Uint32Array(row.buffer, row.byteOffset, row.length);
  for (let i = 0; i < bits.length; i++) words[i * PANEL + output] = bits[i]!;
}

function packHalves(
  name: string,
  row: Float32Array,
  output: number,
  dtype: 'f16' | 'bf16',
  words: Uint32Array,
): void {
  if (dtype === 'f16' && row.some((value) => Math.abs(value) > LARGEST_F16)) {
    throw new ListwiseError(
      'device-unsupported',
      `${name} has weights beyond ±${LARGEST_F16}, too large for f16.`,
      {
        hint: 'Load the model with dtype bf16 or f32.',
      },
    );
  }
  const narrow = dtype === 'f16' ? toF16 : toBf16;
  for (let i = 0; i < row.length; i += 2) {
    words[(i / 2) * PANEL + output] = narrow(row[i]!) | (narrow(row[i + 1]!) << 16);
  }
}

function packIntegers(row: Float32Array, output: number, { words, scales }: Panel): void {
  const integers = new Int8Array(row.length);
  for (let block = 0; block < row.length / Q8_BLOCK; block++) {
    const start = block * Q8_BLOCK;
    scales[block * PANEL + output] = quantizeBlock(row, start, Q8_BLOCK, integers);
  }
  const packed = new Uint32Array(integers.buffer);
  for (let i = 0; i < packed.length; i++) words[i * PANEL + output] = packed[i]!;
}
