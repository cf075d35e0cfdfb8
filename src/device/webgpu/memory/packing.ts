/** How weights rest on the GPU. */
import { isQuantized, type WeightDtype } from '../../dtype.js';
import { bf16FromBits, bitsOf, f16FromBits, largestMagnitude } from '../../half.js';
import { BLOCK, quantizeQ4, quantizeQ8 } from '../../quantize.js';
import { checkF16 } from '../../shapes.js';

/** Outputs in a panel: the width of the kernels' tiles, or half of it. */
export const PANEL = 64;

/** Outputs are there to a multiple of it, as many as the largest tile has. Those past the last are zero. */
export const OUTPUT_PADDING = 128;

/**
 * - `panel`: input by input, so that neighbouring threads, each with outputs of its own, read neighbouring words
 * - `steps`: 32 inputs after 32, as kernels on matrix units stage them. bf16 rests as f16 in it, and integers as
 *   linear/tile-q8.wgsl and linear/tile-q4.wgsl turn them into f16.
 */
export type Order = 'panel' | 'steps';

/** Values that share a 32-bit word: neighbouring inputs of q8 and q4, and of 16 bits neighbours in the order. */
const VALUES_PER_WORD: Readonly<Record<WeightDtype, number>> = { f32: 1, bf16: 2, f16: 2, q8: 4, q4: 8 };

/** Kernels in 16-bit arithmetic add eight products of a weight and an activation below 32 before they widen. */
const LARGEST_F16 = 255;

/** The signs of a word's bytes: flipped, they make of integers from −128 on numbers from 0 on. */
const SIGNS = 0x8080_8080;

/**
 * Between these a row's largest value must be for f16 to keep what bf16, q8 or q4 keep of the row: small values of f16
 * are 2^-24 apart, and kernels take the scale of a block times 128 (q8) or 16 (q4), up to 2.2 times its largest value.
 */
const SMALLEST_PEAK = 2 ** -16;
const LARGEST_PEAK = 2 ** 14;

/**
 * 64 outputs: [inputs, 64] or [inputs / 32, 64, 32], where in q8 and q4 it is words of inputs that stand in this order,
 * and have [inputs / 32, 64] words for the blocks' scales.
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

/**
 * Packs up to 64 rows [rows, columns] of the weight `name`; what is missing of 64 is zero. False if the order can't
 * hold them, which `panel` always can. Throws `device-unsupported` for what the dtype can't hold.
 */
export function packPanel(
  name: string,
  rows: Float32Array,
  columns: number,
  dtype: WeightDtype,
  into: Panel,
): boolean {
  const count = rows.length / columns;
  if (count < PANEL) {
    into.words.fill(0);
    into.scales.fill(0);
  }
  const words = new Uint32Array(into.words.length / PANEL); // of an output
  for (let output = 0; output < count; output++) {
    const row = rows.subarray(output * columns, (output + 1) * columns);
    const largest = dtype === 'f32' ? 0 : largestMagnitude(row);
    if (dtype === 'f16') checkF16(name, largest, LARGEST_F16);
    else if (into.order === 'steps' && !fitsF16(largest)) return false;
    packRow(row, dtype, into, output, words);
    place(words, output, dtype, into);
  }
  return true;
}

function fitsF16(largest: number): boolean {
  return largest === 0 || (largest >= SMALLEST_PEAK && largest <= LARGEST_PEAK);
}

/** One output's words, in the order of its inputs, and its scales. */
function packRow(
  row: Float32Array,
  dtype: WeightDtype,
  into: Panel,
  output: number,
  words: Uint32Array,
): void {
  switch (dtype) {
    case 'f32':
      words.set(bitsOf(row));
      return;
    case 'f16':
      packF16(bitsOf(row), words);
      return;
    case 'bf16':
      if (into.order === 'steps') packBf16AsF16(bitsOf(row), words);
      else packBf16(bitsOf(row), words);
      return;
    case 'q8':
    case 'q4':
      packIntegers(row, dtype, into, output, words);
  }
}

function packIntegers(
  row: Float32Array,
  dtype: 'q8' | 'q4',
  { order, scales }: Panel,
  output: number,
  words: Uint32Array,
): void {
  const integers = new Int8Array(row.length);
  const floatScales = new Float32Array(scales.buffer);
  for (let block = 0; block < row.length / BLOCK; block++) {
    const place = block * PANEL + output;
    if (dtype === 'q8') floatScales[place] = quantizeQ8(row, block * BLOCK, BLOCK, integers);
    else scales[place] = quantizeQ4(row, block * BLOCK, BLOCK, integers);
  }
  const fours = new Uint32Array(integers.buffer);
  if (order === 'steps') crossBytes(fours, dtype === 'q8' ? SIGNS : 0);
  if (dtype === 'q8') words.set(fours);
  else mergeWords(fours, words);
}

/** Brings an output's words to their places among those of the others. */
function place(words: Uint32Array, output: number, dtype: WeightDtype, into: Panel): void {
  if (into.order === 'panel') {
    if (dtype === 'f16' || dtype === 'bf16') {
      spread(new Uint16Array(words.buffer), new Uint16Array(into.words.buffer), output);
    } else {
      spread(words, into.words, output);
    }
    return;
  }
  const together = BLOCK / VALUES_PER_WORD[dtype];
  for (let i = 0, to = output * together; i < words.length; i += together, to += PANEL * together) {
    into.words.set(words.subarray(i, i + together), to);
  }
}

/** Value i goes to `output` + 64 · i. */
function spread(values: Uint32Array | Uint16Array, into: Uint32Array | Uint16Array, output: number): void {
  for (let i = 0, to = output; i < values.length; i++, to += PANEL) into[to] = values[i]!;
}

/** Swaps the two bytes in the middle of every word, and flips the bits that are set in `flipped`. */
function crossBytes(words: Uint32Array, flipped: number): void {
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    words[i] = ((word & 0xff0000ff) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00)) ^ flipped;
  }
}

/** Bytes below 16: every second word goes into the upper halves of the bytes of the one before it. */
function mergeWords(from: Uint32Array, into: Uint32Array): void {
  for (let i = 0; i < from.length; i += 2) into[i / 2] = from[i]! | (from[i + 1]! << 4);
}

// Two values to a word, the first in its lower half. Each calls its function by name: one that is handed in is not
// inlined, and takes six times as long.

function packF16(bits: Uint32Array, into: Uint32Array): void {
  for (let i = 0; i < bits.length; i += 2)
    into[i / 2] = f16FromBits(bits[i]!) | (f16FromBits(bits[i + 1]!) << 16);
}

function packBf16(bits: Uint32Array, into: Uint32Array): void {
  for (let i = 0; i < bits.length; i += 2)
    into[i / 2] = bf16FromBits(bits[i]!) | (bf16FromBits(bits[i + 1]!) << 16);
}

function packBf16AsF16(bits: Uint32Array, into: Uint32Array): void {
  for (let i = 0; i < bits.length; i += 2) {
    const first = f16FromBits(bf16FromBits(bits[i]!) << 16);
    const second = f16FromBits(bf16FromBits(bits[i + 1]!) << 16);
    into[i / 2] = first | (second << 16);
  }
}
