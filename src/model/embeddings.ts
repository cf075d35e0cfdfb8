/** Token ids to the rows of the embedding table, which stays where it lies. */
import type { WeightSource } from '../device/device.js';
import { ListwiseError } from '../error.js';

/** Rows that are read though nobody asked for them, where the next one asked for is so near: a read costs more. */
const GAP = 8;
/** Rows read at once: frequent tokens stand side by side, and would all be one read. */
const MOST_ROWS = 64;
/** Reads under way at a time. */
const READS = 16;

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The rows of `table` [vocabulary, hidden] for `ids`: [tokens, hidden]. A token that comes again is read once, and
 * neighbours are read together. Throws `checkpoint-mismatch` for an id that the table lacks.
 */
export async function embed(table: WeightSource, ids: readonly number[]): Promise<Float32Array> {
  const width = table.columns;
  const hidden = new Float32Array(ids.length * width);
  checkIds(ids, table.rows);
  const places = placesOf(ids);
  const distinct = [...places.keys()].sort((a, b) => a - b);
  const ranges = rangesOf(distinct).values(); // each reader takes the next
  const reader = async () => {
    for (const { start, end } of ranges) {
      const rows = new Float32Array((end - start) * width);
      await table.read(start, end - start, rows);
      for (let id = start; id < end; id++) {
        const row = rows.subarray((id - start) * width, (id - start + 1) * width);
        for (const place of places.get(id) ?? []) hidden.set(row, place * width);
      }
    }
  };
  await Promise.all(Array.from({ length: READS }, reader));
  return hidden;
}

/** Where each id stands. */
function placesOf(ids: readonly number[]): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (const [place, id] of ids.entries()) {
    const own = places.get(id);
    if (own) own.push(place);
    else places.set(id, [place]);
  }
  return places;
}

/** `ids` are distinct and ascending. */
function rangesOf(ids: readonly number[]): Range[] {
  const ranges: { start: number; end: number }[] = [];
  for (const id of ids) {
    const last = ranges.at(-1);
    if (last && id - last.end <= GAP && id - last.start < MOST_ROWS) last.end = id + 1;
    else ranges.push({ start: id, end: id + 1 });
  }
  return ranges;
}

function checkIds(ids: readonly number[], vocabulary: number): void {
  const unknown = ids.find((id) => id >= vocabulary);
  if (unknown === undefined) return;
  const message = `Token ${unknown} has no embedding: the checkpoint has ${vocabulary}.`;
  throw new ListwiseError('checkpoint-mismatch', message, { hint: 'The tokenizer is another model’s.' });
}
