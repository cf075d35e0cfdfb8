/** `linear` in 32-bit floats. A tile of activations is [input][6], a panel [input][LANES]. */
import { Dtype } from './dtype';
import { widenBF16, widenF16 } from './halves';
import { asItRests, linear, TILE_ROWS } from './linear';
import { takeItem, word } from './step';
import { LANES, tileProducts } from './width';

/** Step: as `linear`. */
export function linearF32(step: usize, scratch: usize): void {
  const inputs = word(step, 5);
  const tileBytes = inputs * TILE_ROWS * 4;
  switch (<Dtype>word(step, 8)) {
    case Dtype.F16: return linear(step, scratch, LANES, tileBytes, inputs * LANES * 2, widenF16, tileProducts);
    case Dtype.BF16: return linear(step, scratch, LANES, tileBytes, inputs * LANES * 2, widenBF16, tileProducts);
    default: return linear(step, scratch, LANES, tileBytes, inputs * LANES * 4, asItRests, tileProducts);
  }
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
    const panel = out + (row / LANES) * inputs * LANES * 4;
    transpose(source + row * inputs * 4, inputs, panel + (row % LANES) * 4, LANES * 4);
  }
}

/** A row becomes a column whose elements stand `stride` bytes apart. */
function transpose(row: usize, length: usize, column: usize, stride: usize): void {
  for (const end = row + length * 4; row < end; row += 4, column += stride) {
    store<f32>(column, load<f32>(row));
  }
}
