/** How weights rest on the GPU. */
import { ListwiseError } from '../../error.js';
import { Q8_BLOCK, quantizeBlock, type WeightDtype } from '../dtype.js';
import { bf16FromBits, bitsOf, f16FromBits } from '../half.js';

/** Outputs in a panel: the width of the kernels' tiles, or half of it. */
export const PANEL = 64;

/**
 * - `panel`: word by word, so that neighbouring threads, each with an output of its own, read neighbouring words
 * - `rows`: output by output, as matrices are loaded
 */
export type Order = 'panel' | 'rows';

/** Inputs that share a 32-bit word. */
const INPUTS_PER_WORD: Readonly<Record<WeightDtype, number>> = { f32: 1, bf16: 2, f16: 2, q8: 4 };

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
  const integers = new Int8Array(dtype === 'q8' ? columns : 0);
  for (let output = 0; output < count; output++) {
    const row = rows.subarray(output * columns, (output + 1) * columns);
    const place = output * nextRow;
    if (dtype === 'f32') {
      copyWords(bitsOf(row), into.words, place, next);
    } else if (dtype === 'q8') {
      for (let block = 0; block < columns / Q8_BLOCK; block++) {
        into.scales[block * PANEL + output] = quantizeBlock(row, block * Q8_BLOCK, Q8_BLOCK, integers);
      }
      copyWords(new Uint32Array(integers.buffer), into.words, place, next);
    } else {
      if (dtype === 'f16') checkRange(name, row);
      packHalves(bitsOf(row), dtype, into.words, place, next);
    }
  }
}

/** Word i goes to `place` + i · `next`. */
function copyWords(from: Uint32Array, into: Uint32Array, place: number, next: number): void {
  for (let i = 0, to = place; i < from.length; i++, to += next) into[to] = from[i]!;
}

/** Two values to a word, the first in its lower half. */
function packHalves(
  bits: Uint32Array,
  dtype: 'f16' | 'bf16',
  into: Uint32Array,
  place: number,
  next: number,
): void {
  // The functions by name: one that is handed in is not inlined, and takes six times as long.
  for (let i = 0, to = place; i < bits.length; i += 2, to += next) {
    into[to] =
      dtype === 'f16'
        ? f16FromBits(bits[i]!) | (f16FromBits(bits[i + 1]!) << 16)
        : bf16FromBits(bits[i]!) | (bf16FromBits(bits[i + 1]!) << 16);
  }
}

function checkRange(name: string, row: Float32Array): void {
  let largest = 0;
  for (let i = 0; i < row.length; i++) largest = Math.max(largest, Math.abs(row[i]!));
  if (largest <= LARGEST_F16) return;
  throw new ListwiseError(
    'device-unsupported',
    `${name} has a weight of ${largest}, beyond the ${LARGEST_F16} that f16 may hold here.`,
    { hint: 'Load the model with dtype bf16 or f32.' },
  );
}
