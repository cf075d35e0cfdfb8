/** Rows with zeros behind each, for a weight that was padded to whole blocks; a row an item. */
import { takeItem, word } from './step';

/** Step: x, out, rows, columns, columns of out. */
export function pad(step: usize): void {
  const rows = word(step, 3);
  const bytes = word(step, 4) << 2;
  const wide = word(step, 5) << 2;
  for (let row = takeItem(step); row < rows; row = takeItem(step)) {
    const out = word(step, 2) + row * wide;
    memory.copy(out, word(step, 1) + row * bytes, bytes);
    memory.fill(out + bytes, 0, wide - bytes);
  }
}
