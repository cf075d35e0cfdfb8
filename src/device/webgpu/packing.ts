/** How weights rest on the GPU. */
import { ListwiseError } from '../../error.js';
import { Q8_BLOCK, quantizeBlock, type WeightDtype } from '../dtype.js';
import { toBf16, toF16 } from '../half.js';

/** Outputs in a panel: the width of the kernels' tiles, or half of it. */
export const PANEL = 64;

/**
 * - `panel`: word by word, so that neighbouring threads, each with an output of its own, read neighbouring words
 * - `rows`: output by output, as matrices are loaded
 */
export type Order = 'panel' | 'rows';

/** Inputs that share a 32-bit word. */
export const INPUTS_PER_WORD: Readonly<Record<WeightDtype, number>> = { f32: 1, bf16: 2, f16: 2, q8: 4 };

/** Kernels in 16-bit arithmetic add four products of a weight and an activation below 64 before they widen. */
const LARGEST_F16 = 255;

/** 64 outputs: words [inputs / per word, 64] or [64, inputs / per word], and in q8 scales [inputs / 32, 64]. */
export interface Panel {
  readonly order: Order;
  readonly words: Uint32Array<ArrayBuffer>;
  readonly scales: Float32Array<ArrayBuffer>;
}

export function emptyPanel(columns: number, dtype: WeightDtype, order: Order): Panel {
  return {
    order,
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
): void {
  const count = rows.length / columns;
  if (count < PANEL) {
    into.words.fill(0);
    into.scales.fill(0);
  }
  const wordsOfRow = into.words.length / PANEL;
  const [next, nextRow] = into.order === 'panel' ? [PANEL, 1] : [1, wordsOfRow];
  for (let output = 0; output < count; output++) {
    const row = rows.subarray(output * columns, (output + 1) * columns);
    const words = wordsOf(name, row, dtype, (block, scale) => {
      into.scales[block * PANEL + output] = scale;
    });
    for (let i = 0; i < words.length; i++) into.words[i * next + output * nextRow] = words[i]!;
  }
}

/** A row as it rests, in 32-bit words. `onScale` hears the scale of each block of a row in q8. */
function wordsOf(
  name: string,
  row: Float32Array,
  dtype: WeightDtype,
  onScale: (block: number, scale: number) => void,
): Uint32Array {
  switch (dtype) {
    case 'f32':
      return new Uint32Array(row.buffer, row.byteOffset, row.length);
    case 'bf16':
      return new Uint32Array(Uint16Array.from(row, toBf16).buffer);
    case 'f16':
      checkRange(name, row);
      return new Uint32Array(Uint16Array.from(row, toF16).buffer);
    case 'q8': {
      const integers = new Int8Array(row.length);
      for (let block = 0; block < row.length / Q8_BLOCK; block++) {
        onScale(block, quantizeBlock(row, block * Q8_BLOCK, Q8_BLOCK, integers));
      }
      return new Uint32Array(integers.buffer);
    }
  }
}

function checkRange(name: string, row: Float32Array): void {
  if (row.every((value) => Math.abs(value) <= LARGEST_F16)) return;
  throw new ListwiseError(
    'device-unsupported',
    `${name} has weights beyond ±${LARGEST_F16}, too large for f16.`,
    { hint: 'Load the model with dtype bf16 or f32.' },
  );
}
