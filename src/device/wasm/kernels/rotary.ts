/**
 * Heads made ready for attention: RMSNorm over each head, then the rotation of rotary position embeddings in the
 * half-split form. A row of tokens is an item.
 */
import { normalise } from './rms-norm';
import { number, takeItem, word } from './step';

/** Step: projected, norm, angles, out, rows, projected columns, out columns, head dim, ε. */
export function queries(step: usize): void {
  const rows = word(step, 5);
  const outColumns = word(step, 7);
  for (let row = takeItem(step); row < rows; row = takeItem(step)) {
    const source = word(step, 1) + ((row * word(step, 6)) << 2);
    const out = word(step, 4) + ((row * outColumns) << 2);
    heads(step, row, source, out, outColumns);
  }
}

/** The same words; keys and values are the last of the projected columns, and values are copied. */
export function keysValues(step: usize): void {
  const rows = word(step, 5);
  const projectedColumns = word(step, 6);
  const outColumns = word(step, 7);
  const keyColumns = outColumns >> 1;
  for (let row = takeItem(step); row < rows; row = takeItem(step)) {
    const source = word(step, 1) + (((row + 1) * projectedColumns - outColumns) << 2);
    const out = word(step, 4) + ((row * outColumns) << 2);
    heads(step, row, source, out, keyColumns);
    memory.copy(out + (keyColumns << 2), source + (keyColumns << 2), keyColumns << 2);
  }
}

function heads(step: usize, row: usize, source: usize, out: usize, columns: usize): void {
  const norm = word(step, 2);
  const headDim = word(step, 8);
  const epsilon = number(step, 9);
  const angles = word(step, 3) + ((row * headDim) << 2);
  const end = source + (columns << 2);
  const headBytes = headDim << 2;
  for (; source < end; source += headBytes, out += headBytes) {
    normalise(source, norm, headDim, epsilon, out);
    rotate(out, angles, headBytes >> 1);
  }
}

@inline
function rotate(head: usize, angles: usize, halfBytes: usize): void {
  for (let i: usize = 0; i < halfBytes; i += 16) {
    const cosine = v128.load(angles + i);
    const sine = v128.load(angles + halfBytes + i);
    const low = v128.load(head + i);
    const high = v128.load(head + halfBytes + i);
    v128.store(head + i, f32x4.sub(f32x4.mul(low, cosine), f32x4.mul(high, sine)));
    v128.store(head + halfBytes + i, f32x4.add(f32x4.mul(high, cosine), f32x4.mul(low, sine)));
  }
}
