/** How weights rest on the GPU. */
import { isQuantized, type WeightDtype } from '../dtype.js';
import { bf16FromBits, bitsOf, f16FromBits, largestMagnitude } from '../half.js';
import { BLOCK, quantizeQ4, quantizeQ8 } from '../quantize.js';
import { checkF16 } from '../shapes.js';

/** Outputs in a panel: the width of the kernels' tiles, or half of it. */
export const PANEL = 64;

/** Outputs are there to a multiple of it, as many as the largest tile has. Those past the last are zero. */
export const OUTPUT_PADDING = 128;

/**
 * - `panel`: input by input, so that neighbouring threads, each with outputs of its own, read neighbouring words
 * - `rows`: output by output, as matrices are loaded
 */
export type Order = 'panel' | 'rows';

/** Values that share a 32-bit word: neighbouring inputs of q8 and q4, and of 16 bits neighbours in the order. */
const VALUES_PER_WORD: Readonly<Record<WeightDtype, number>> = { f32: 1, bf16: 2, f16: 2, q8: 4, q4: 8 };

/** Kernels in 16-bit arithmetic add eight products of a weight and an activation below 32 before they widen. */
const LARGEST_F16 = 255;

/**
 * 64 outputs: [inputs, 64] or [64, inputs], where in q8 and q4 it is words of inputs that stand in this order, and have
 * [inputs / 32, 64] words for the blocks' scales.
 */
export interface Panel {
  readonly order: Order;
  readonly words: Uint32Array<ArrayBuffer>;
  readonly scales: Uint32Array<ArrayBuffer>;
}

export function emptyPanel(columns: number, dtype: WeightDtype, order: Order): Panel {
  return {
    order,
    words: new Uint32Array((columns / VALUES_PER_WORD[dtype]) * PANEL),
    scales: new Uint32Array(isQuantized(dtype) ? (columns / BLOCK) * PANEL : 0),
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
  const halves = new Uint16Array(into.words.buffer);
  const placesOfRow = (dtype === 'f16' || dtype === 'bf16' ? halves : into.words).length / PANEL;
  const [next, nextRow] = into.order === 'panel' ? [PANEL, 1] : [1, placesOfRow];
  const integers = new Int8Array(isQuantized(dtype) ? columns : 0);
  for (let output = 0; output < count; output++) {
    const row = rows.subarray(output * columns, (output + 1) * columns);
    const place = output * nextRow;
    if (dtype === 'f32') {
      copyWords(bitsOf(row), into.words, place, next);
    } else if (dtype === 'q8') {
      const scales = new Float32Array(into.scales.buffer);
      for (let block = 0; block < columns / BLOCK; block++) {
        scales[block * PANEL + output] = quantizeQ8(row, block * BLOCK, BLOCK, integers);
      }
      copyWords(new Uint32Array(integers.buffer), into.words, place, next);
    } else if (dtype === 'q4') {
      for (let block = 0; block < columns / BLOCK; block++) {
        into.scales[block * PANEL + output] = quantizeQ4(row, block * BLOCK, BLOCK, integers);
      }
      mergeWords(new Uint32Array(integers.buffer), into.words, place, next);
    } else {
      if (dtype === 'f16') checkF16(name, largestMagnitude(row), LARGEST_F16);
      packHalves(bitsOf(row), dtype, halves, place, next);
    }
  }
}

/** Word i goes to `place` + i · `next`. */
function copyWords(from: Uint32Array, into: Uint32Array, place: number, next: number): void {
  for (let i = 0, to = place; i < from.length; i++, to += next) into[to] = from[i]!;
}

/** Bytes below 16: every second word goes into the upper halves of the bytes of the one before it. */
function mergeWords(from: Uint32Array, into: Uint32Array, place: number, next: number): void {
  for (let i = 0, to = place; i < from.length; i += 2, to += next) into[to] = from[i]! | (from[i + 1]! << 4);
}

/** Value i goes to `place` + i · `next`. */
function packHalves(
  bits: Uint32Array,
  dtype: 'f16' | 'bf16',
  into: Uint16Array,
  place: number,
  next: number,
): void {
  // The functions by name: one that is handed in is not inlined, and takes six times as long.
  for (let i = 0, to = place; i < bits.length; i++, to += next) {
    into[to] = dtype === 'f16' ? f16FromBits(bits[i]!) : bf16FromBits(bits[i]!);
  }
}
