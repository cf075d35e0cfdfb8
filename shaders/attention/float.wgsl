// Causal grouped-query attention as FlashAttention-2 has it (Dao 2023), in 32-bit arithmetic: keys and values pass
// by in tiles, and a running maximum and sum make the softmax exact. Memory is linear in the number of tokens.
//
// A workgroup serves ROWS queries: some rows of all the query heads that share one key-value head, so that these
// share its tiles of keys and values. Tiles above the diagonal or before the window are never visited. A thread
// holds 4 queries, 4 of a tile's keys and an eighth of the columns of the result.
//
// The cache may lie in several pages. Each is a dispatch; in between, `out` and `statistics` hold the state.
// In front of this file stand range.wgsl, and cache-f32.wgsl or cache-f16.wgsl.

const HEAD_DIM: u32 = 128;
const GROUP: u32 = 2; // query heads that share a key-value head
const ROWS: u32 = 64; // queries a workgroup serves, row by row, head by head
const KEYS: u32 = 32; // keys in a tile
const SLICE: u32 = 32; // dimensions that are staged at a time: of queries and keys
const VALUES: u32 = 16; // values that are staged at a time

const LANES: u32 = 8; // threads that share 4 queries
const THREADS: u32 = ROWS / 4 * LANES;
const TOKENS: u32 = ROWS / GROUP; // rows of tokens a workgroup serves
const ROW_QUADS: u32 = ROWS / 4;
const KEY_QUADS: u32 = KEYS / 4;
const HEAD_QUADS: u32 = HEAD_DIM / 4;
const SLICE_QUADS: u32 = SLICE / 4;
const OUT_QUADS: u32 = (HEAD_QUADS + LANES - 1) / LANES; // of columns, to a thread
const STAGE: u32 = max((ROW_QUADS + KEY_QUADS) * SLICE, VALUES * HEAD_QUADS);

@group(0) @binding(4) var<storage, read> queries: array<vec4f>; // [rows, kv_heads, GROUP, HEAD_DIM]
@group(0) @binding(5) var<storage, read> cache: array<Stored>; // [keys, 2, kv_heads, HEAD_DIM]: keys, values

var<workgroup> stage: array<vec4f, STAGE>; // a slice of queries and of keys by dimension, or values
var<workgroup> weights: array<vec4f, KEYS * ROW_QUADS>; // [KEYS, ROWS]: the tile's weights, before the division
var<workgroup> partials: array<f32, ROWS * LANES>; // what the lanes of a query found

/// Column i is a_i · b.
fn outer(a: vec4f, b: vec4f) -> mat4x4f {
  return mat4x4f(a.x * b, a.y * b, a.z * b, a.w * b);
}

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

/// Four dimensions of four queries or keys, transposed, into the stage.
fn stage_queries(tile: u32, kv_head: u32, slice: u32, block: u32) {
  let quad = block / SLICE_QUADS;
  let dims = block % SLICE_QUADS;
  var values = mat4x4f();
  for (var i = 0u; i < 4; i++) {
    let query = query_index(tile, kv_head, quad * 4 + i);
    values[i] = queries[params.queries_start / 4 + query * HEAD_QUADS + slice * SLICE_QUADS + dims];
  }
  let by_dimension = transpose(values);
  for (var i = 0u; i < 4; i++) {
    stage[(dims * 4 + i) * (ROW_QUADS + KEY_QUADS) + quad] = by_dimension[i];
  }
}

fn cached(key: u32, head: u32, quad: u32) -> vec4f {
  let place = ((key - params.page_first) * 2 * params.kv_heads + head) * HEAD_QUADS + quad;
  return restored(cache[params.cache_start / 4 + place]);
}

fn stage_keys(first_key: u32, kv_head: u32, slice: u32, block: u32) {
  let quad = block / SLICE_QUADS;
  let dims = block % SLICE_QUADS;
  var values = mat4x4f();
  for (var i = 0u; i < 4; i++) {
    let key = first_key + quad * 4 + i;
    if (key < params.page_end) {
      values[i] = cached(key, kv_head, slice * SLICE_QUADS + dims);
    }
  }
  let by_dimension = transpose(values);
  for (var i = 0u; i < 4; i++) {
    stage[(dims * 4 + i) * (ROW_QUADS + KEY_QUADS) + ROW_QUADS + quad] = by_dimension[i];
  }
}

fn stage_values(first_key: u32, kv_head: u32, thread: u32) {
  for (var i = thread; i < VALUES * HEAD_QUADS; i += THREADS) {
    let key = first_key + i / HEAD_QUADS;
    var value = vec4f();
    if (key < params.page_end) {
      value = cached(key, params.kv_heads + kv_head, i % HEAD_QUADS);
    }
    stage[i] = value;
  }
}

/// Column i: the scores of query i of four against four keys.
fn scores(tile: u32, kv_head: u32, first_key: u32, thread: u32) -> mat4x4f {
  var sums = mat4x4f();
  for (var slice = 0u; slice < HEAD_DIM / SLICE; slice++) {
    workgroupBarrier();
    for (var block = thread; block < ROW_QUADS * SLICE_QUADS; block += THREADS) {
      stage_queries(tile, kv_head, slice, block);
    }
    for (var block = thread; block < KEY_QUADS * SLICE_QUADS; block += THREADS) {
      stage_keys(first_key, kv_head, slice, block);
    }
    workgroupBarrier();
    for (var i = 0u; i < SLICE; i++) {
      let place = i * (ROW_QUADS + KEY_QUADS);
      sums += outer(stage[place + thread / LANES], stage[place + ROW_QUADS + thread % LANES]);
    }
  }
  return sums * params.scale;
}

/// Makes what a thread holds for four queries known to the other lanes.
fn publish(values: vec4f, thread: u32) {
  workgroupBarrier();
  for (var i = 0u; i < 4; i++) {
    partials[(thread / LANES * 4 + i) * LANES + thread % LANES] = values[i];
  }
  workgroupBarrier();
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let index = params.first + workgroup.x;
  let kv_head = index % params.kv_heads;
  let tile = tile_of(index);
  let first_query = thread / LANES * 4;
  let lane = thread % LANES;
  let visible = visible_range(tile, thread);

  var maxima = vec4f(UNSEEN); // of the four queries
  var sums = vec4f(); // of their weights, this lane's part
  var results: array<mat4x4f, OUT_QUADS>; // column i: query i, four columns
  if (params.resumes == 1) {
    for (var i = 0u; i < 4; i++) {
      let query = query_index(tile, kv_head, first_query + i);
      maxima[i] = statistics[query].x;
      sums[i] = select(0.0, statistics[query].y, lane == 0);
      for (var j = 0u; j < OUT_QUADS; j++) {
        if (lane + LANES * j < HEAD_QUADS) {
          results[j][i] = out[params.out_start / 4 + query * HEAD_QUADS + lane + LANES * j];
        }
      }
    }
  }

  for (var first_key = visible.start; first_key < visible.end; first_key += KEYS) {
    var tile_scores = scores(tile, kv_head, first_key, thread);
    if (first_key < visible.full_start || first_key + KEYS > visible.full_end) {
      for (var i = 0u; i < 4; i++) {
        let position = places[token_of(first_query + i)];
        for (var j = 0u; j < 4; j++) {
          if (!sees(position, first_key + lane * 4 + j)) {
            tile_scores[i][j] = UNSEEN;
          }
        }
      }
    }

    var largest = vec4f();
    for (var i = 0u; i < 4; i++) {
      let pair = max(tile_scores[i].xy, tile_scores[i].zw);
      largest[i] = max(pair.x, pair.y);
    }
    publish(largest, thread);
    var new_maxima = maxima;
    for (var i = 0u; i < 4; i++) {
      for (var other = 0u; other < LANES; other++) {
        new_maxima[i] = max(new_maxima[i], partials[(first_query + i) * LANES + other]);
      }
    }
    let shrink = exp2(maxima - new_maxima);
    maxima = new_maxima;
    for (var i = 0u; i < 4; i++) {
      tile_scores[i] = exp2(tile_scores[i] - maxima[i]);
      sums[i] = sums[i] * shrink[i] + dot(tile_scores[i], vec4f(1));
      for (var j = 0u; j < OUT_QUADS; j++) {
        results[j][i] *= shrink[i];
      }
    }
    let by_key = transpose(tile_scores);
    for (var i = 0u; i < 4; i++) {
      weights[(lane * 4 + i) * ROW_QUADS + thread / LANES] = by_key[i];
    }

    for (var part = 0u; part < KEYS; part += VALUES) {
      workgroupBarrier();
      stage_values(first_key + part, kv_head, thread);
      workgroupBarrier();
      for (var i = 0u; i < VALUES; i++) {
        let weight = weights[(part + i) * ROW_QUADS + thread / LANES];
        for (var j = 0u; j < OUT_QUADS; j++) {
          results[j] += outer(weight, stage[min(i * HEAD_QUADS + lane + LANES * j, STAGE - 1)]);
        }
      }
    }
  }

  publish(sums, thread);
  for (var i = 0u; i < 4; i++) {
    if (!is_written(tile, first_query + i)) {
      continue;
    }
    var total = 0.0;
    for (var other = 0u; other < LANES; other++) {
      total += partials[(first_query + i) * LANES + other];
    }
    let query = query_index(tile, kv_head, first_query + i);
    let divisor = select(1.0, total, params.ends == 1);
    for (var j = 0u; j < OUT_QUADS; j++) {
      if (lane + LANES * j < HEAD_QUADS) {
        out[params.out_start / 4 + query * HEAD_QUADS + lane + LANES * j] = results[j][i] / divisor;
      }
    }
    if (lane == 0) {
      statistics[query] = vec2f(maxima[i], total);
    }
  }
}
