/** What attention weighs values with, for whoever wants to see it: a head of a query an item, written out in full. */
import { exp2, multiplyAdd, sum } from './arithmetic';
import { takeItem, word } from './step';

/** Scores are taken to base 2: exp(x) = 2^(x·log2 e). */
const LOG2_E: f32 = 1.4426950408889634;

/** Step: queries, cache, positions, out, rows of out, heads, key-value heads, head dim, window (0 for none), keys. */
export function attentionWeights(step: usize): void {
  const items = word(step, 5);
  for (let item = takeItem(step); item < items; item = takeItem(step)) weigh(step, item);
}

function weigh(step: usize, item: usize): void {
  const heads = word(step, 6);
  const headBytes = word(step, 8) << 2;
  const window = word(step, 9);
  const out = word(step, 4) + ((item * word(step, 10)) << 2);
  const query = word(step, 1) + item * headBytes;
  const position: usize = load<u32>(word(step, 3) + ((item / heads) << 2));
  const first: usize = window === 0 || position < window ? 0 : position + 1 - window;

  memory.fill(out, 0, word(step, 10) << 2);
  const largest = score(step, query, item % heads, first, position, out);
  let total: f32 = 0;
  for (let key = first; key <= position; key++) {
    const weight = f32x4.extract_lane(exp2(f32x4.splat(load<f32>(out + (key << 2)) - largest)), 0);
    store<f32>(out + (key << 2), weight);
    total += weight;
  }
  for (let key = first; key <= position; key++) {
    store<f32>(out + (key << 2), load<f32>(out + (key << 2)) / total);
  }
}

/** Writes the scores of keys `first` to `last` and gives the largest. */
function score(step: usize, query: usize, head: usize, first: usize, last: usize, out: usize): f32 {
  const kvHeads = word(step, 7);
  const headBytes = word(step, 8) << 2;
  const kvHead = head / (word(step, 6) / kvHeads);
  const scale = LOG2_E / sqrt<f32>(<f32>word(step, 8));
  let largest: f32 = -Infinity;
  for (let key = first; key <= last; key++) {
    const source = word(step, 2) + (2 * key * kvHeads + kvHead) * headBytes;
    let products = f32x4.splat(0);
    for (let d: usize = 0; d < headBytes; d += 16) {
      products = multiplyAdd(v128.load(query + d), v128.load(source + d), products);
    }
    const score = sum(products) * scale;
    store<f32>(out + (key << 2), score);
    largest = max(largest, score);
  }
  return largest;
}
