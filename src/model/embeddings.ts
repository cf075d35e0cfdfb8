/** Token ids to the rows of the embedding table, which stays where it lies. */
import type { WeightSource } from '../device/device.js';
import { ListwiseError } from '../error.js';

/**
 * The rows of `table` [vocabulary, hidden] for `ids`: [tokens, hidden]. A token that comes again is read once.
 * Throws `checkpoint-mismatch` for an id that the table lacks.
 */
export async function embed(table: WeightSource, ids: readonly number[]): Promise<Float32Array> {
  const width = table.columns;
  const hidden = new Float32Array(ids.length * width);
  const firstRow = new Map<number, number>();
  for (const [row, id] of ids.entries()) {
    const first = firstRow.get(id);
    if (first !== undefined) {
      hidden.copyWithin(row * width, first * width, (first + 1) * width);
      continue;
    }
    if (id >= table.rows) {
      const message = `Token ${id} has no embedding: the checkpoint has ${table.rows}.`;
      throw new ListwiseError('checkpoint-mismatch', message, { hint: 'The tokenizer is another model’s.' });
    }
    await table.read(id, 1, hidden.subarray(row * width, (row + 1) * width));
    firstRow.set(id, row);
  }
  return hidden;
}
