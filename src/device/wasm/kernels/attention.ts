/**
 * Causal grouped-query attention in one pass over the keys (FlashAttention, Dao et al. 2022): scores exist for one
 * tile of keys at a time, a running maximum and sum make the softmax.
 *
 * An item is one key-value head and some rows of queries: at most as many as give QUERIES with the heads that share it.
 * LANES queries stand side by side in vector lanes: scores, maxima and results are held transposed, [key][LANES] and
 * [dimension][LANES], so that the softmax needs no sums across lanes.
 */
import { exp2 } from './arithmetic';
import { takeItem, word } from './step';
import { keyProducts, LANES, valueProducts } from './width';

const LANE_BYTES: usize = LANES * 4;
const KEYS: usize = 32; // in a tile
const QUERIES: usize = 384; // in an item, at most
const GROUPS: usize = QUERIES / LANES;

/** Scores are taken to base 2: exp(x) = 2^(x·log2 e). */
const LOG2_E: f32 = 1.4426950408889634;
const HIDDEN: f32 = -1e30;

// What an item keeps in its thread's scratch. Each group of LANES queries has its queries, results and state.
// queries  [GROUPS][headDim][LANES]
// results  [GROUPS][headDim][LANES]
// state    [GROUPS]: maxima [LANES], sums [LANES], positions [LANES], the lowest and the highest position
// scores   [KEYS][LANES]
// keys     [KEYS][headDim]
// values   [KEYS][headDim]
const STATE_BYTES: usize = 3 * LANE_BYTES + 16;

/** Scratch bytes that a thread needs for heads of `headDim`. */
export function attentionScratchBytes(headDim: usize): usize {
  return 2 * GROUPS * headDim * LANE_BYTES + GROUPS * STATE_BYTES + KEYS * LANE_BYTES + 2 * ((KEYS * headDim) << 2);
}

/** Step: queries, cache, positions, out, rows, heads, key-value heads, head dim, window (0 for none), rows of an item. */
export function attention(step: usize, scratch: usize): void {
  const rows = word(step, 5);
  const heads = word(step, 6);
  const kvHeads = word(step, 7);
  const group = heads / kvHeads;
  const rowsOfItem = min(word(step, 10), max<usize>(QUERIES / group, 1));
  const rowBlocks = (rows + rowsOfItem - 1) / rowsOfItem;
  const items = kvHeads * rowBlocks;
  for (let item = takeItem(step); item < items; item = takeItem(step)) {
    // The last rows see the most keys: they come first, so that the threads end together.
    const first = (rowBlocks - 1 - item / kvHeads) * rowsOfItem;
    attend(step, scratch, item % kvHeads, first, min(rowsOfItem, rows - first) * group);
  }
}

/** `count` queries of one key-value head: those of row `first` and the rows after it. */
function attend(step: usize, scratch: usize, kvHead: usize, first: usize, count: usize): void {
  const headDim = word(step, 8);
  const window = word(step, 9);
  const panelBytes = headDim * LANE_BYTES;
  const groups = (count + LANES - 1) / LANES;
  const queries = scratch;
  const results = queries + GROUPS * panelBytes;
  const states = results + GROUPS * panelBytes;
  const scores = states + GROUPS * STATE_BYTES;
  const keys = scores + KEYS * LANE_BYTES;
  const values = keys + ((KEYS * headDim) << 2);

  let lowest = i32.MAX_VALUE;
  let highest = 0;
  for (let g: usize = 0; g < groups; g++) {
    const state = states + g * STATE_BYTES;
    packQueries(step, kvHead, first, g * LANES, count, queries + g * panelBytes, state);
    memory.fill(results + g * panelBytes, 0, panelBytes);
    lowest = min(lowest, lowestPosition(state));
    highest = max(highest, highestPosition(state));
  }
  const firstKey = window === 0 ? 0 : max(0, lowest - <i32>window + 1) & ~(<i32>KEYS - 1);
  for (let key = firstKey; key <= highest; key += <i32>KEYS) {
    const tileKeys = min<usize>(KEYS, highest + 1 - key);
    copyTile(step, kvHead, key, tileKeys, keys, values);
    for (let g: usize = 0; g < groups; g++) {
      const state = states + g * STATE_BYTES;
      const low = lowestPosition(state);
      const high = highestPosition(state);
      if (key > high) continue;
      if (window !== 0 && key + <i32>KEYS <= low - <i32>window + 1) continue;
      score(queries + g * panelBytes, keys, tileKeys, headDim, scores);
      const allVisible = key + <i32>tileKeys - 1 <= low && (window === 0 || key > high - <i32>window);
      if (!allVisible) hide(scores, state, key, tileKeys, window);
      softmax(scores, state, tileKeys, results + g * panelBytes, headDim);
      addValues(scores, values, tileKeys, headDim, results + g * panelBytes);
    }
  }
  for (let g: usize = 0; g < groups; g++) {
    unpackResults(step, kvHead, first, g * LANES, count, results + g * panelBytes, states + g * STATE_BYTES);
  }
}

/** Query `index` of an item: the rows come one after the other, each with the heads that share the keys. */
@inline
function placeOf(step: usize, kvHead: usize, first: usize, index: usize): usize {
  const heads = word(step, 6);
  const group = heads / word(step, 7);
  const row = first + index / group;
  const head = kvHead * group + (index % group);
  return ((row * heads + head) * word(step, 8)) << 2;
}

/** LANES queries, scaled, as lanes [headDim][LANES]; and their state. Lanes past the last query repeat it. */
function packQueries(
  step: usize,
  kvHead: usize,
  first: usize,
  index: usize,
  count: usize,
  panel: usize,
  state: usize,
): void {
  const headDim = word(step, 8);
  const group = word(step, 6) / word(step, 7);
  const scale = LOG2_E / sqrt<f32>(<f32>headDim);
  let lowest = i32.MAX_VALUE;
  let highest = 0;
  for (let lane: usize = 0; lane < LANES; lane++) {
    const query = min(index + lane, count - 1);
    const source = word(step, 1) + placeOf(step, kvHead, first, query);
    for (let d: usize = 0; d < headDim; d++) {
      store<f32>(panel + d * LANE_BYTES + (lane << 2), load<f32>(source + (d << 2)) * scale);
    }
    const position = load<i32>(word(step, 3) + ((first + query / group) << 2));
    store<f32>(state + (lane << 2), HIDDEN);
    store<f32>(state + (lane << 2), 0, LANE_BYTES);
    store<i32>(state + (lane << 2), position, 2 * LANE_BYTES);
    lowest = min(lowest, position);
    highest = max(highest, position);
  }
  store<i32>(state, lowest, 3 * LANE_BYTES);
  store<i32>(state, highest, 3 * LANE_BYTES + 4);
}

@inline
function lowestPosition(state: usize): i32 {
  return load<i32>(state, 3 * LANE_BYTES);
}

@inline
function highestPosition(state: usize): i32 {
  return load<i32>(state, 3 * LANE_BYTES + 4);
}

/** Copies one head's keys and values out of the cache, whose rows are far apart. Keys are filled up to four. */
function copyTile(step: usize, kvHead: usize, key: usize, count: usize, keys: usize, values: usize): void {
  const headBytes = word(step, 8) << 2;
  const halfRow = word(step, 7) * headBytes;
  let source = word(step, 2) + key * 2 * halfRow + kvHead * headBytes;
  for (let i: usize = 0; i < count; i++, source += 2 * halfRow) {
    for (let d: usize = 0; d < headBytes; d += 16) {
      v128.store(keys + d, v128.load(source + d));
      v128.store(values + d, v128.load(source + halfRow + d));
    }
    keys += headBytes;
    values += headBytes;
  }
  memory.fill(keys, 0, (-count & 3) * headBytes);
}

/** scores [keys][LANES] = keys · queries: four keys at a time. */
function score(queries: usize, keys: usize, count: usize, headDim: usize, scores: usize): void {
  const headBytes = headDim << 2;
  for (let key: usize = 0; key < count; key += 4) {
    keyProducts(keys + key * headBytes, headBytes, queries, headDim, scores + key * LANE_BYTES);
  }
}

/** Hides the keys that a query does not see: those after it, and those before its window. */
function hide(scores: usize, state: usize, key: usize, count: usize, window: usize): void {
  const hidden = f32x4.splat(HIDDEN);
  for (let lanes: usize = 0; lanes < LANE_BYTES; lanes += 16) {
    const positions = v128.load(state + lanes, 2 * LANE_BYTES);
    const oldest = i32x4.sub(positions, i32x4.splat(window === 0 ? i32.MAX_VALUE : <i32>window));
    for (let i: usize = 0; i < count; i++) {
      const place = scores + i * LANE_BYTES + lanes;
      const index = i32x4.splat(<i32>(key + i));
      const invisible = v128.or(i32x4.gt_s(index, positions), i32x4.le_s(index, oldest));
      v128.store(place, v128.bitselect(hidden, v128.load(place), invisible));
    }
  }
}

/**
 * Turns scores into weights relative to the running maximum; where that rises, earlier results shrink. Two vectors at a
 * time: engines may join them.
 */
function softmax(scores: usize, state: usize, count: usize, results: usize, headDim: usize): void {
  const end = scores + count * LANE_BYTES;
  for (let lanes: usize = 0; lanes < LANE_BYTES; lanes += 32) {
    const before = v128.load(state + lanes), before2 = v128.load(state + lanes, 16);
    let largest = before, largest2 = before2;
    for (let i = scores + lanes; i < end; i += LANE_BYTES) {
      largest = f32x4.pmax(largest, v128.load(i));
      largest2 = f32x4.pmax(largest2, v128.load(i, 16));
    }
    let total = f32x4.splat(0), total2 = total;
    for (let i = scores + lanes; i < end; i += LANE_BYTES) {
      const score = v128.load(i), score2 = v128.load(i, 16);
      const weight = exp2(f32x4.sub(score, largest)), weight2 = exp2(f32x4.sub(score2, largest2));
      v128.store(i, weight);
      v128.store(i, weight2, 16);
      total = f32x4.add(total, weight);
      total2 = f32x4.add(total2, weight2);
    }
    let sums = v128.load(state + lanes, LANE_BYTES), sums2 = v128.load(state + lanes, LANE_BYTES + 16);
    if (v128.any_true(v128.or(f32x4.gt(largest, before), f32x4.gt(largest2, before2)))) {
      const shrink = exp2(f32x4.sub(before, largest)), shrink2 = exp2(f32x4.sub(before2, largest2));
      sums = f32x4.mul(sums, shrink);
      sums2 = f32x4.mul(sums2, shrink2);
      const resultsEnd = results + headDim * LANE_BYTES;
      for (let i = results + lanes; i < resultsEnd; i += LANE_BYTES) {
        const result = v128.load(i), result2 = v128.load(i, 16);
        v128.store(i, f32x4.mul(result, shrink));
        v128.store(i, f32x4.mul(result2, shrink2), 16);
      }
      v128.store(state + lanes, largest);
      v128.store(state + lanes, largest2, 16);
    }
    v128.store(state + lanes, f32x4.add(sums, total), LANE_BYTES);
    v128.store(state + lanes, f32x4.add(sums2, total2), LANE_BYTES + 16);
  }
}

/** results [headDim][LANES] += values · weights: four dimensions at a time. */
function addValues(weights: usize, values: usize, count: usize, headDim: usize, results: usize): void {
  for (let d: usize = 0; d < headDim; d += 4) {
    valueProducts(values + (d << 2), headDim << 2, weights, count, results + d * LANE_BYTES);
  }
}

/** Divides by the sums and writes each query's result to its place. */
function unpackResults(
  step: usize,
  kvHead: usize,
  first: usize,
  index: usize,
  count: usize,
  results: usize,
  state: usize,
): void {
  const headDim = word(step, 8);
  const lanes = min(LANES, count - index);
  for (let lane: usize = 0; lane < lanes; lane++) {
    const inverse: f32 = <f32>1 / load<f32>(state + (lane << 2), LANE_BYTES);
    const out = word(step, 4) + placeOf(step, kvHead, first, index + lane);
    for (let d: usize = 0; d < headDim; d++) {
      store<f32>(out + (d << 2), load<f32>(results + d * LANE_BYTES + (lane << 2)) * inverse);
    }
  }
}
