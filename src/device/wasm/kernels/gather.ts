/** Copies the rows that an index names, a row an item. */
import { takeItem, word } from './step';

/** Step: x, indices, out, rows, columns. */
export function gather(step: usize): void {
  const rows = word(step, 4);
  const bytes = word(step, 5) << 2;
  for (let row = takeItem(step); row < rows; row = takeItem(step)) {
    const source: usize = load<u32>(word(step, 2) + (row << 2));
    memory.copy(word(step, 3) + row * bytes, word(step, 1) + source * bytes, bytes);
  }
}
