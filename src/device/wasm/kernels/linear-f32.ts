/** `linear` in 32-bit floats. A tile of activations is [input][6], a panel [input][8]. */
import { multiplyAdd } from './arithmetic';
import { Dtype } from './dtype';
import { widenBF16, widenF16 } from './halves';
import { asItRests, linear, PANEL, TILE_ROWS } from './linear';
import { takeItem, word } from './step';

/** Step: as `linear`. */
export function linearF32(step: usize, scratch: usize): void {
  const inputs = word(step, 5);
  const tileBytes = inputs * TILE_ROWS * 4;
  switch (<Dtype>word(step, 8)) {
    case Dtype.F16: return linear(step, scratch, tileBytes, inputs * PANEL * 2, widenF16, multiply);
    case Dtype.BF16: return linear(step, scratch, tileBytes, inputs * PANEL * 2, widenBF16, multiply);
    default: return linear(step, scratch, tileBytes, inputs * PANEL * 4, asItRests, multiply);
  }
}

function multiply(x: usize, weight: usize, inputs: usize, sums: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
  let b0 = f32x4.splat(0), b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0;
  for (const end = weight + inputs * PANEL * 4; weight < end; weight += PANEL * 4) {
    let low = v128.load(weight), high = v128.load(weight, 16);
    let value = v128.load32_splat(x); a0 = multiplyAdd(value, low, a0); b0 = multiplyAdd(value, high, b0);
    value = v128.load32_splat(x, 4); a1 = multiplyAdd(value, low, a1); b1 = multiplyAdd(value, high, b1);
    value = v128.load32_splat(x, 8); a2 = multiplyAdd(value, low, a2); b2 = multiplyAdd(value, high, b2);
    value = v128.load32_splat(x, 12); a3 = multiplyAdd(value, low, a3); b3 = multiplyAdd(value, high, b3);
    value = v128.load32_splat(x, 16); a4 = multiplyAdd(value, low, a4); b4 = multiplyAdd(value, high, b4);
    value = v128.load32_splat(x, 20); a5 = multiplyAdd(value, low, a5); b5 = multiplyAdd(value, high, b5);
    x += TILE_ROWS * 4;
  }
  v128.store(sums, a0); v128.store(sums, b0, 16);
  v128.store(sums, a1, 32); v128.store(sums, b1, 48);
  v128.store(sums, a2, 64); v128.store(sums, b2, 80);
  v128.store(sums, a3, 96); v128.store(sums, b3, 112);
  v128.store(sums, a4, 128); v128.store(sums, b4, 144);
  v128.store(sums, a5, 160); v128.store(sums, b5, 176);
}

/** Step: x, packed x, rows, inputs. A tile is an item; rows past the last repeat it. */
export function packRows(step: usize): void {
  const rows = word(step, 3);
  const inputs = word(step, 4);
  const tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  for (let tile = takeItem(step); tile < tiles; tile = takeItem(step)) {
    const out = word(step, 2) + tile * inputs * TILE_ROWS * 4;
    for (let r: usize = 0; r < TILE_ROWS; r++) {
      const row = min(tile * TILE_ROWS + r, rows - 1);
      transpose(word(step, 1) + row * inputs * 4, inputs, out + r * 4, TILE_ROWS * 4);
    }
  }
}

/** As `pack` in index.ts. */
export function packF32(source: usize, rows: usize, inputs: usize, out: usize): void {
  for (let row: usize = 0; row < rows; row++) {
    const panel = out + (row / PANEL) * inputs * PANEL * 4;
    transpose(source + row * inputs * 4, inputs, panel + (row % PANEL) * 4, PANEL * 4);
  }
}

/** A row becomes a column whose elements stand `stride` bytes apart. */
function transpose(row: usize, length: usize, column: usize, stride: usize): void {
  for (const end = row + length * 4; row < end; row += 4, column += stride) {
    store<f32>(column, load<f32>(row));
  }
}
