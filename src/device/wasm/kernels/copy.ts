/** Copies rows to rows, a row an item. */
import { takeItem, word } from './step';

/** Step: x, out, rows, columns. */
export function copy(step: usize): void {
  const rows = word(step, 3);
  const bytes = word(step, 4) << 2;
  for (let row = takeItem(step); row < rows; row = takeItem(step)) {
    memory.copy(word(step, 2) + row * bytes, word(step, 1) + row * bytes, bytes);
  }
}
