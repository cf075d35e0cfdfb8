// Causal grouped-query attention as FlashAttention-2 has it (Dao 2023), in 32-bit arithmetic: keys and values pass
// by in tiles, and a running maximum and sum make the softmax exact. Memory is linear in the number of tokens.
//
// A workgroup serves ROWS queries: some rows of all the query heads that share one key-value head, so that these
// share its tiles of keys and values. Tiles above the diagonal or before the window are never visited. A thread
// holds 4 queries with some of a tile's keys, and then with some columns of the result.
//
// Queries are staged anew for each tile. Workgroup memory could hold half as many throughout; then as many loads go
// to keys and values, and each tile is half as much work between as many barriers.
//
// The cache may lie in several pages. Each is a dispatch; in between, `out` and `statistics` hold the state.
// In front of this file stand range.wgsl, and cache-f32.wgsl or cache-f16.wgsl.

const HEAD_DIM: u32 = 128;
const GROUP: u32 = 2; // query heads that share a key-value head
const ROWS: u32 = 64; // queries a workgroup serves, row by row, head by head
const KEYS: u32 = 32; // keys in a tile
const SLICE: u32 = 64; // dimensions that are staged at a time: of queries and keys
const VALUES: u32 = 32; // values that are staged at a time

const LANES: u32 = 16; // threads that share 4 queries
const THREADS: u32 = ROWS / 4 * LANES;
const TOKENS: u32 = ROWS / GROUP; // rows of tokens a workgroup serves
const OWN_KEYS: u32 = KEYS / LANES; // keys of a tile, to a thread
const HEAD_QUADS: u32 = HEAD_DIM / 4;
const SLICE_QUADS: u32 = SLICE / 4;
const OUT_QUADS: u32 = (HEAD_QUADS + LANES - 1) / LANES; // of columns, to a thread
const STAGED_QUERIES: u32 = ROWS * SLICE_QUADS; // at a time, in vectors of four
const STAGED_KEYS: u32 = KEYS * SLICE_QUADS;
const STAGED_VALUES: u32 = VALUES * HEAD_QUADS;

// Strides are odd, so that neighbours fall into different banks.
const SLICE_STRIDE: u32 = SLICE_QUADS | 1;
const WEIGHT_STRIDE: u32 = (ROWS / 4) | 1;
const FIRST_VALUE: u32 = KEYS * WEIGHT_STRIDE;
const STAGE: u32 = max((ROWS + KEYS) * SLICE_STRIDE, FIRST_VALUE + STAGED_VALUES);

@group(0) @binding(4) var<storage, read> queries: array<vec4f>; // [rows, kv_heads, GROUP, HEAD_DIM]
@group(0) @binding(5) var<storage, read> cache: array<Stored>; // [keys, 2, kv_heads, HEAD_DIM]: keys, values

/// [ROWS, SLICE] of queries, then [KEYS, SLICE] of keys; or [KEYS, ROWS] weights, then [VALUES, HEAD_DIM] of values.
var<workgroup> stage: array<vec4f, STAGE>;
var<workgroup> partials: array<vec4f, THREADS>; // what a thread found for its four queries

/// Which token of the workgroup a query belongs to. There may be a few queries too many: they repeat the last token's.
fn token_of(query: u32) -> u32 {
  return min(query / GROUP, TOKENS - 1);
}

/// Which of all queries it is.
fn query_index(tile: u32, kv_head: u32, query: u32) -> u32 {
  return (row_of(tile, token_of(query)) * params.kv_heads + kv_head) * GROUP + query % GROUP;
}

fn is_written(tile: u32, query: u32) -> bool {
  return query < TOKENS * GROUP && tile * TOKENS + query / GROUP < params.rows;
}

/// Four values of a row of the cache. Rows past the page's last repeat it.
fn cached(key: u32, head: u32, quad: u32) -> vec4f {
  let row = min(key, params.page_end - 1) - params.page_first;
  return restored(cache[params.cache_start / 4 + (row * 2 * params.kv_heads + head) * HEAD_QUADS + quad]);
}

fn stage_queries(tile: u32, kv_head: u32, slice: u32, thread: u32) {
  // unrolled
  for (var i = 0u; i < (STAGED_QUERIES + THREADS - 1) / THREADS; i++) {
    let place = thread + i * THREADS;
    if (STAGED_QUERIES % THREADS == 0 || place < STAGED_QUERIES) {
      let query = query_index(tile, kv_head, place / SLICE_QUADS);
      let quad = slice * SLICE_QUADS + place % SLICE_QUADS;
      stage[place / SLICE_QUADS * SLICE_STRIDE + place % SLICE_QUADS] =
        queries[params.queries_start / 4 + query * HEAD_QUADS + quad];
    }
  }
}

fn stage_keys(first_key: u32, kv_head: u32, slice: u32, thread: u32) {
  // unrolled
  for (var i = 0u; i < (STAGED_KEYS + THREADS - 1) / THREADS; i++) {
    let place = thread + i * THREADS;
    if (STAGED_KEYS % THREADS == 0 || place < STAGED_KEYS) {
      let key = place / SLICE_QUADS;
      let quad = slice * SLICE_QUADS + place % SLICE_QUADS;
      stage[(ROWS + key) * SLICE_STRIDE + place % SLICE_QUADS] = cached(first_key + key, kv_head, quad);
    }
  }
}

fn stage_values(first_key: u32, kv_head: u32, thread: u32) {
  // unrolled
  for (var i = 0u; i < (STAGED_VALUES + THREADS - 1) / THREADS; i++) {
    let place = thread + i * THREADS;
    if (STAGED_VALUES % THREADS == 0 || place < STAGED_VALUES) {
      let key = first_key + place / HEAD_QUADS;
      stage[FIRST_VALUE + place] = cached(key, params.kv_heads + kv_head, place % HEAD_QUADS);
    }
  }
}

/// The j-th four columns of a lane. There may be a few too many: they repeat the last, and nothing of them is written.
fn column(lane: u32, j: u32) -> u32 {
  if (HEAD_QUADS % LANES == 0) {
    return lane + j * LANES;
  }
  return min(lane + j * LANES, HEAD_QUADS - 1);
}

/// For each of the thread's keys the products with its four queries.
fn products(tile: u32, kv_head: u32, first_key: u32, thread: u32) -> array<vec4f, OWN_KEYS> {
  let first_query = thread / LANES * 4 * SLICE_STRIDE;
  let own_key = (ROWS + thread % LANES) * SLICE_STRIDE;
  var sums = array<vec4f, OWN_KEYS>();
  for (var slice = 0u; slice < HEAD_DIM / SLICE; slice++) {
    workgroupBarrier();
    stage_queries(tile, kv_head, slice, thread);
    stage_keys(first_key, kv_head, slice, thread);
    workgroupBarrier();
    for (var i = 0u; i < SLICE_QUADS; i++) {
      let place = first_query + i;
      let by_dimension = transpose(mat4x4f(
        stage[place],
        stage[place + SLICE_STRIDE],
        stage[place + 2 * SLICE_STRIDE],
        stage[place + 3 * SLICE_STRIDE],
      ));
      // unrolled
      for (var j = 0u; j < OWN_KEYS; j++) {
        let key = stage[own_key + j * LANES * SLICE_STRIDE + i];
        sums[j] += by_dimension[0] * key.x;
        sums[j] += by_dimension[1] * key.y;
        sums[j] += by_dimension[2] * key.z;
        sums[j] += by_dimension[3] * key.w;
      }
    }
  }
  return sums;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let index = params.first + workgroup.x;
  let kv_head = index % params.kv_heads;
  let tile = tile_of(index);
  let block = thread / LANES; // of four queries
  let lane = thread % LANES;
  let visible = visible_range(tile, thread);
  var seen_starts: vec4u;
  var seen_ends: vec4u;
  // unrolled
  for (var i = 0u; i < 4; i++) {
    let position = places[token_of(block * 4 + i)];
    seen_starts[i] = window_start(position);
    seen_ends[i] = window_end(position);
  }

  var maxima = vec4f(UNSEEN); // that are kept, of the four queries
  var sums = vec4f(); // of their weights, this lane's part
  var results = array<mat4x4f, OUT_QUADS>(); // column i: query i, four columns
  for (var first_key = visible.start; first_key < visible.end; first_key += KEYS) {
    var scores = products(tile, kv_head, first_key, thread);
    let full = first_key >= visible.full_start && first_key + KEYS <= visible.full_end;
    var largest = maxima;
    // unrolled
    for (var j = 0u; j < OWN_KEYS; j++) {
      scores[j] *= params.scale;
      if (!full) {
        let key = vec4u(first_key + lane + j * LANES);
        scores[j] = select(vec4f(UNSEEN), scores[j], (key >= seen_starts) & (key < seen_ends));
      }
      largest = max(largest, scores[j]);
    }
    partials[thread] = largest;
    workgroupBarrier();
    for (var i = 0u; i < LANES; i++) {
      largest = max(largest, partials[block * LANES + i]);
    }
    if (any(largest > maxima + RISE)) {
      let shrink = exp2(maxima - largest);
      maxima = largest;
      sums *= shrink;
      // unrolled
      for (var j = 0u; j < OUT_QUADS; j++) {
        // unrolled
        for (var i = 0u; i < 4; i++) {
          results[j][i] *= shrink[i];
        }
      }
    }
    // unrolled
    for (var j = 0u; j < OWN_KEYS; j++) {
      let weights = exp2(scores[j] - maxima);
      sums += weights;
      stage[(lane + j * LANES) * WEIGHT_STRIDE + block] = weights;
    }

    for (var part = 0u; part < KEYS; part += VALUES) {
      if (part > 0) {
        workgroupBarrier();
      }
      stage_values(first_key + part, kv_head, thread);
      workgroupBarrier();
      for (var i = 0u; i < VALUES; i++) {
        let weights = stage[(part + i) * WEIGHT_STRIDE + block];
        // unrolled
        for (var j = 0u; j < OUT_QUADS; j++) {
          let value = stage[FIRST_VALUE + i * HEAD_QUADS + column(lane, j)];
          results[j] += mat4x4f(weights.x * value, weights.y * value, weights.z * value, weights.w * value);
        }
      }
    }
  }

  workgroupBarrier();
  partials[thread] = sums;
  workgroupBarrier();
  sums = vec4f();
  for (var i = 0u; i < LANES; i++) {
    sums += partials[block * LANES + i];
  }
  var softmaxes: array<Softmax, 4>;
  // unrolled
  for (var i = 0u; i < 4; i++) {
    softmaxes[i] = joined(query_index(tile, kv_head, block * 4 + i), maxima[i], sums[i]);
  }
  storageBarrier(); // all lanes have read what one will write
  // unrolled
  for (var i = 0u; i < 4; i++) {
    if (is_written(tile, block * 4 + i)) {
      let query = query_index(tile, kv_head, block * 4 + i);
      // unrolled
      for (var j = 0u; j < OUT_QUADS; j++) {
        let quad = lane + j * LANES;
        if (quad < HEAD_QUADS) {
          finish(query * HEAD_QUADS + quad, results[j][i], softmaxes[i]);
        }
      }
      if (lane == 0) {
        statistics[query] = vec2f(softmaxes[i].maximum, softmaxes[i].sum);
      }
    }
  }
}
