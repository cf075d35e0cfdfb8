/**
 * Causal grouped-query attention in one pass over the keys (FlashAttention, Dao et al. 2022): scores exist for one
 * tile of keys at a time, a running maximum and sum make the softmax.
 *
 * An item is one key-value head and as many query rows as give QUERIES queries with the heads that share it.
 * Eight queries stand side by side in vector lanes: scores, maxima and results are held transposed, [key][8] and
 * [dimension][8], so that the softmax needs no sums across lanes.
 */
import { exp2, multiplyAdd } from './arithmetic';
import { takeItem, word } from './step';

const LANES: usize = 8;
const LANE_BYTES: usize = 32;
const KEYS: usize = 32; // in a tile
const QUERIES: usize = 192; // in an item
const GROUPS: usize = QUERIES / LANES;

/** Scores are taken to base 2: exp(x) = 2^(x·log2 e). */
const LOG2_E: f32 = 1.4426950408889634;
const HIDDEN: f32 = -1e30;

// What an item keeps in its thread's scratch. Each group of eight queries has its queries, results and state.
// queries  [GROUPS][headDim][8]
// results  [GROUPS][headDim][8]
// state    [GROUPS]: maxima [8], sums [8], positions [8]
// scores   [KEYS][8]
// keys     [KEYS][headDim]
// values   [KEYS][headDim]
const STATE_BYTES: usize = 3 * LANE_BYTES;

/** Scratch bytes that a thread needs for heads of `headDim`. */
export function attentionScratchBytes(headDim: usize): usize {
  return 2 * GROUPS * headDim * LANE_BYTES + GROUPS * STATE_BYTES + KEYS * LANE_BYTES + 2 * ((KEYS * headDim) << 2);
}

/** Step: queries, cache, positions, out, rows, heads, key-value heads, head dim, window (0 for none). */
export function attention(step: usize, scratch: usize): void {
  const rows = word(step, 5);
  const heads = word(step, 6);
  const kvHeads = word(step, 7);
  const group = heads / kvHeads;
  const rowsOfItem = max<usize>(QUERIES / group, 1);
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

/** Eight queries, scaled, as lanes [headDim][8]; and their state. Lanes past the last query repeat it. */
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
  }
}

@inline
function lowestPosition(state: usize): i32 {
  let x = i32x4.min_s(v128.load(state, 2 * LANE_BYTES), v128.load(state, 2 * LANE_BYTES + 16));
  x = i32x4.min_s(x, v128.shuffle<i32>(x, x, 2, 3, 0, 1));
  return min(i32x4.extract_lane(x, 0), i32x4.extract_lane(x, 1));
}

@inline
function highestPosition(state: usize): i32 {
  let x = i32x4.max_s(v128.load(state, 2 * LANE_BYTES), v128.load(state, 2 * LANE_BYTES + 16));
  x = i32x4.max_s(x, v128.shuffle<i32>(x, x, 2, 3, 0, 1));
  return max(i32x4.extract_lane(x, 0), i32x4.extract_lane(x, 1));
}

/** Copies one head's keys and values out of the cache, whose rows are far apart. Keys are filled up to four. */
function copyTile(step: usize, kvHead: usize, key: usize, count: usize, keys: usize, values: usize): void {
  const headBytes = word(step, 8) << 2;
  const halfRow = word(step, 7) * headBytes;
  let source = word(step, 2) + key * 2 * halfRow + kvHead * headBytes;
  for (let i: usize = 0; i < count; i++, source += 2 * halfRow) {
    memory.copy(keys + i * headBytes, source, headBytes);
    memory.copy(values + i * headBytes, source + halfRow, headBytes);
  }
  for (let i = count; (i & 3) !== 0; i++) memory.fill(keys + i * headBytes, 0, headBytes);
}

/** scores [keys][8] = keys · queries: four keys × eight queries at a time. */
function score(panel: usize, keys: usize, count: usize, headDim: usize, scores: usize): void {
  const headBytes = headDim << 2;
  for (let key: usize = 0; key < count; key += 4) {
    let k0 = keys + key * headBytes;
    let k1 = k0 + headBytes;
    let k2 = k1 + headBytes;
    let k3 = k2 + headBytes;
    let a0 = f32x4.splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0;
    let query = panel;
    for (const end = panel + headDim * LANE_BYTES; query < end; query += LANE_BYTES) {
      const low = v128.load(query);
      const high = v128.load(query, 16);
      let value = v128.load32_splat(k0);
      a0 = multiplyAdd(value, low, a0);
      b0 = multiplyAdd(value, high, b0);
      value = v128.load32_splat(k1);
      a1 = multiplyAdd(value, low, a1);
      b1 = multiplyAdd(value, high, b1);
      value = v128.load32_splat(k2);
      a2 = multiplyAdd(value, low, a2);
      b2 = multiplyAdd(value, high, b2);
      value = v128.load32_splat(k3);
      a3 = multiplyAdd(value, low, a3);
      b3 = multiplyAdd(value, high, b3);
      k0 += 4; k1 += 4; k2 += 4; k3 += 4;
    }
    const out = scores + key * LANE_BYTES;
    v128.store(out, a0);
    v128.store(out, b0, 16);
    v128.store(out, a1, 32);
    v128.store(out, b1, 48);
    v128.store(out, a2, 64);
    v128.store(out, b2, 80);
    v128.store(out, a3, 96);
    v128.store(out, b3, 112);
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

/** Turns scores into weights relative to the running maximum; where that rises, earlier results shrink. */
function softmax(scores: usize, state: usize, count: usize, results: usize, headDim: usize): void {
  const end = scores + count * LANE_BYTES;
  for (let lanes: usize = 0; lanes < LANE_BYTES; lanes += 16) {
    const before = v128.load(state + lanes);
    let largest = before;
    for (let i = scores + lanes; i < end; i += LANE_BYTES) largest = f32x4.max(largest, v128.load(i));
    let total = f32x4.splat(0);
    for (let i = scores + lanes; i < end; i += LANE_BYTES) {
      const weight = exp2(f32x4.sub(v128.load(i), largest));
      v128.store(i, weight);
      total = f32x4.add(total, weight);
    }
    let sums = v128.load(state + lanes, LANE_BYTES);
    if (v128.any_true(f32x4.gt(largest, before))) {
      const shrink = exp2(f32x4.sub(before, largest));
      sums = f32x4.mul(sums, shrink);
      const resultsEnd = results + headDim * LANE_BYTES;
      for (let i = results + lanes; i < resultsEnd; i += LANE_BYTES) {
        v128.store(i, f32x4.mul(v128.load(i), shrink));
      }
      v128.store(state + lanes, largest);
    }
    v128.store(state + lanes, f32x4.add(sums, total), LANE_BYTES);
  }
}

/** results [headDim][8] += values · weights: four dimensions × eight queries at a time. */
function addValues(weights: usize, values: usize, count: usize, headDim: usize, results: usize): void {
  const headBytes = headDim << 2;
  for (let d: usize = 0; d < headDim; d += 4) {
    const out = results + d * LANE_BYTES;
    let a0 = v128.load(out), b0 = v128.load(out, 16);
    let a1 = v128.load(out, 32), b1 = v128.load(out, 48);
    let a2 = v128.load(out, 64), b2 = v128.load(out, 80);
    let a3 = v128.load(out, 96), b3 = v128.load(out, 112);
    let value = values + (d << 2);
    let weight = weights;
    for (const end = weights + count * LANE_BYTES; weight < end; weight += LANE_BYTES, value += headBytes) {
      const low = v128.load(weight);
      const high = v128.load(weight, 16);
      let x = v128.load32_splat(value);
      a0 = multiplyAdd(x, low, a0);
      b0 = multiplyAdd(x, high, b0);
      x = v128.load32_splat(value, 4);
      a1 = multiplyAdd(x, low, a1);
      b1 = multiplyAdd(x, high, b1);
      x = v128.load32_splat(value, 8);
      a2 = multiplyAdd(x, low, a2);
      b2 = multiplyAdd(x, high, b2);
      x = v128.load32_splat(value, 12);
      a3 = multiplyAdd(x, low, a3);
      b3 = multiplyAdd(x, high, b3);
    }
    v128.store(out, a0);
    v128.store(out, b0, 16);
    v128.store(out, a1, 32);
    v128.store(out, b1, 48);
    v128.store(out, a2, 64);
    v128.store(out, b2, 80);
    v128.store(out, a3, 96);
    v128.store(out, b3, 112);
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
