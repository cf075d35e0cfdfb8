// Attention as in float.wgsl, on tensor cores: both products are 16-bit, all sums and the softmax 32-bit.
//
// Each of a workgroup's four subgroups serves SHARE queries of one head; all four see the same keys and values, which
// lie in workgroup memory, a tile at a time. Queries and results rest in matrices. Scores pass through workgroup
// memory, because only there a thread knows which value is which: a query's belong to LANES threads. Results do so
// only where a maximum rises too far, and at the end.
//
// Queries are 16-bit operands, the cache is in 16 bits. In front of this file stand range.wgsl, and out-floats.wgsl or
// out-halves.wgsl.

enable f16;
enable subgroups;
enable subgroup_size_control;
enable chromium_experimental_subgroup_matrix;

const HEAD_DIM: u32 = 128;
const GROUP: u32 = 2; // query heads that share a key-value head: 1, 2 or 4
const SUBGROUP: u32 = 32; // threads
const M: u32 = 16; // queries of a matrix
const N: u32 = 16; // keys, or columns of values
const K: u32 = 16; // dimensions, or values
const SHARE: u32 = 16; // queries of a subgroup: as many as threads, or half as many
const KEYS: u32 = 32; // in a tile

const LANES: u32 = SUBGROUP / SHARE; // threads to a query
const THREADS: u32 = 4 * SUBGROUP;
const ROWS: u32 = 4 * SHARE; // queries a workgroup serves, head by head
const TOKENS: u32 = ROWS / GROUP;
const QUADS: u32 = KEYS / 4 / LANES; // of a query's scores, to a thread

// How many matrices
const DOWN: u32 = SHARE / M; // hold a subgroup's queries,
const DEEP: u32 = HEAD_DIM / K; // their dimensions,
const ACROSS: u32 = HEAD_DIM / N; // their results,
const TILE_DEEP: u32 = KEYS / K; // their weights of a tile,
const TILE_ACROSS: u32 = KEYS / N; // and their scores.

// Rows in workgroup memory, in values by four, are longer than they need be: neighbours fall into different banks.
const STRIDE: u32 = KEYS / 4 + 2; // of scores, of weights, of values
const HEAD_STRIDE: u32 = HEAD_DIM / 4 + 2; // of keys
const EIGHTS: u32 = HEAD_DIM / 8; // a row of the cache, in values by eight

alias Left = subgroup_matrix_left<f16, K, M>;
alias Right = subgroup_matrix_right<f16, N, K>;
alias Result = subgroup_matrix_result<f32, N, M>;

@group(0) @binding(4) var<storage, read> queries: array<f16>; // [rows, kv_heads, GROUP, HEAD_DIM]
@group(0) @binding(5) var<storage, read> query_scales: array<f32>; // [rows]
@group(0) @binding(6) var<storage, read> cache: array<vec4u>; // [keys, 2, kv_heads, HEAD_DIM]: keys, values

var<workgroup> keys: array<vec4<f16>, KEYS * HEAD_STRIDE>; // [KEYS, HEAD_DIM]
var<workgroup> values: array<vec4<f16>, HEAD_DIM * STRIDE>; // [HEAD_DIM, KEYS]: most GPUs load these matrices faster
var<workgroup> exchange: array<vec4f, ROWS * STRIDE>; // [ROWS, KEYS] scores, or as many columns of results
var<workgroup> weights: array<vec4<f16>, ROWS * STRIDE>; // [ROWS, KEYS], before the division
var<workgroup> partials: array<f32, THREADS>; // what a query's lanes found
var<workgroup> rises: atomic<u32>; // 1 when some query's scores exceed its maximum too far

/// Eight values of a row of the cache, as they rest. Rows past the page's last repeat it.
fn cached(key: u32, head: u32, eight: u32) -> vec4u {
  let row = min(key, params.page_end - 1) - params.page_first;
  return cache[params.cache_start / 8 + (row * 2 * params.kv_heads + head) * EIGHTS + eight];
}

fn stage_keys(first_key: u32, kv_head: u32, thread: u32) {
  const EIGHTS_OF_TILE = KEYS * EIGHTS;
  for (var i = 0u; i < (EIGHTS_OF_TILE + THREADS - 1) / THREADS; i++) {
    let place = thread + i * THREADS;
    if (EIGHTS_OF_TILE % THREADS == 0 || place < EIGHTS_OF_TILE) {
      let eight = cached(first_key + place / EIGHTS, kv_head, place % EIGHTS);
      let quad = place / EIGHTS * HEAD_STRIDE + place % EIGHTS * 2;
      keys[quad] = bitcast<vec4<f16>>(eight.xy);
      keys[quad + 1] = bitcast<vec4<f16>>(eight.zw);
    }
  }
}

/// Four values of four keys, transposed.
fn transposed(a: vec2u, b: vec2u, c: vec2u, d: vec2u) -> mat4x4<f16> {
  return transpose(mat4x4<f16>(
    bitcast<vec4<f16>>(a),
    bitcast<vec4<f16>>(b),
    bitcast<vec4<f16>>(c),
    bitcast<vec4<f16>>(d),
  ));
}

fn stage_values(first_key: u32, kv_head: u32, thread: u32) {
  const BLOCKS = KEYS / 4 * EIGHTS; // of eight values of four keys
  for (var i = 0u; i < (BLOCKS + THREADS - 1) / THREADS; i++) {
    let block = thread + i * THREADS;
    if (BLOCKS % THREADS == 0 || block < BLOCKS) {
      let quad = block % (KEYS / 4);
      let eight = block / (KEYS / 4);
      let key = first_key + quad * 4;
      let head = params.kv_heads + kv_head;
      let a = cached(key, head, eight);
      let b = cached(key + 1, head, eight);
      let c = cached(key + 2, head, eight);
      let d = cached(key + 3, head, eight);
      let low = transposed(a.xy, b.xy, c.xy, d.xy);
      let high = transposed(a.zw, b.zw, c.zw, d.zw);
      for (var j = 0u; j < 4; j++) {
        values[(eight * 8 + j) * STRIDE + quad] = low[j];
        values[(eight * 8 + j + 4) * STRIDE + quad] = high[j];
      }
    }
  }
}

/// Where in `exchange` or `weights` a matrix of a subgroup begins: i matrices down, `column` values across.
fn corner(share: u32, i: u32, column: u32) -> u32 {
  return (share * SHARE + i * M) * STRIDE + column / 4;
}

/// A thread's query.
struct Query {
  start: u32, // of its rows in `exchange` and `weights`
  lane: u32,
  scale: f32, // of its scores
  seen_start: u32, // the first key that it sees
  seen_end: u32, // the key after the last
}

/// Of a lane's part of a tile.
struct Weighed {
  sum: f32, // of weights
  largest: f32, // score
}

/// Makes weights of a lane's scores.
fn weigh(query: Query, maximum: f32, first_key: u32, full: bool) -> Weighed {
  var sums = vec4f();
  var largest = vec4f(UNSEEN);
  for (var i = 0u; i < QUADS; i++) {
    let quad = query.lane + i * LANES;
    var scores = exchange[query.start + quad];
    var powers = exp2(fma(scores, vec4f(query.scale), vec4f(-maximum)));
    if (!full) {
      let key = first_key + quad * 4 + vec4u(0, 1, 2, 3);
      let seen = (key >= vec4u(query.seen_start)) & (key < vec4u(query.seen_end));
      scores = select(vec4f(UNSEEN), scores, seen);
      powers = select(vec4f(), powers, seen);
    }
    largest = max(largest, scores);
    sums += powers;
    weights[query.start + quad] = vec4<f16>(powers);
  }
  let pair = max(largest.xy, largest.zw);
  return Weighed(dot(sums, vec4f(1)), max(pair.x, pair.y) * query.scale);
}

@compute @workgroup_size(THREADS) @subgroup_size(SUBGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(subgroup_id) share: u32,
  @builtin(subgroup_invocation_id) invocation: u32,
) {
  let thread = share * SUBGROUP + invocation;
  let index = params.first + workgroup.x;
  let kv_head = index % params.kv_heads;
  let tile = tile_of(index);
  let visible = visible_range(tile, thread);

  // The subgroup's share: SHARE tokens from `token` on, of the group's head `head`.
  let head = kv_head * GROUP + share * SHARE / TOKENS;
  let token = share * SHARE % TOKENS;
  let query_stride = params.kv_heads * GROUP * HEAD_DIM;
  let first_query = params.queries_start + (tile * TOKENS + token) * query_stride + head * HEAD_DIM;
  var query_matrices: array<array<Left, DEEP>, DOWN>;
  for (var i = 0u; i < DOWN; i++) {
    for (var k = 0u; k < DEEP; k++) {
      let start = first_query + i * M * query_stride + k * K;
      query_matrices[i][k] = subgroupMatrixLoad<Left, row_major>(&queries, start, query_stride);
    }
  }

  // The thread's query, of all: row `row`, head `head`.
  let own_token = token + thread / LANES % SHARE;
  let row = row_of(tile, own_token);
  let exists = tile * TOKENS + own_token < params.rows; // past the last row lie queries of whatever was there before
  let scale = params.scale * query_scales[params.queries_start / query_stride + row];
  let position = places[own_token];
  let query =
    Query(thread / LANES * STRIDE, thread % LANES, scale, window_start(position), window_end(position));

  var maximum = UNSEEN; // that is kept
  var sum = 0.0; // of weights, this lane's part
  var results = array<array<Result, ACROSS>, DOWN>();
  if (thread == 0) {
    atomicStore(&rises, 0);
  }
  stage_keys(visible.start, kv_head, thread);
  workgroupBarrier();

  for (var first_key = visible.start; first_key < visible.end; first_key += KEYS) {
    for (var i = 0u; i < DOWN; i++) {
      for (var j = 0u; j < TILE_ACROSS; j++) {
        var scores = Result();
        for (var k = 0u; k < DEEP; k++) {
          let start = j * N * HEAD_STRIDE + k * K / 4;
          let tile_keys = subgroupMatrixLoad<Right, col_major>(&keys, start, HEAD_STRIDE);
          scores = subgroupMatrixMultiplyAccumulate(query_matrices[i][k], tile_keys, scores);
        }
        subgroupMatrixStore<row_major>(&exchange, corner(share, i, j * N), scores, STRIDE);
      }
    }
    workgroupBarrier();

    // The tile's keys have served, as have the values of the tile before.
    stage_values(first_key, kv_head, thread);
    stage_keys(first_key + KEYS, kv_head, thread);
    let full = first_key >= visible.full_start && first_key + KEYS <= visible.full_end;
    var weighed: Weighed;
    var shrink = 1.0;
    var has_risen = false;
    loop {
      weighed = weigh(query, maximum, first_key, full);
      if (exists && weighed.largest > maximum + RISE) {
        atomicStore(&rises, 1);
      }
      if (workgroupUniformLoad(&rises) == 0) {
        break;
      }
      has_risen = true;
      partials[thread] = weighed.largest;
      if (thread == 0) {
        atomicStore(&rises, 0);
      }
      workgroupBarrier();
      var highest = maximum;
      for (var i = 0u; i < LANES; i++) {
        highest = max(highest, partials[thread / LANES * LANES + i]);
      }
      shrink = exp2(maximum - highest);
      maximum = highest;
    }
    sum = sum * shrink + weighed.sum;
    if (has_risen) {
      for (var part = 0u; part < HEAD_DIM / KEYS; part++) {
        workgroupBarrier();
        for (var i = 0u; i < DOWN; i++) {
          for (var j = 0u; j < TILE_ACROSS; j++) {
            let result = results[i][part * TILE_ACROSS + j];
            subgroupMatrixStore<row_major>(&exchange, corner(share, i, j * N), result, STRIDE);
          }
        }
        workgroupBarrier();
        for (var i = 0u; i < QUADS; i++) {
          exchange[query.start + query.lane + i * LANES] *= shrink;
        }
        workgroupBarrier();
        for (var i = 0u; i < DOWN; i++) {
          for (var j = 0u; j < TILE_ACROSS; j++) {
            let start = corner(share, i, j * N);
            results[i][part * TILE_ACROSS + j] = subgroupMatrixLoad<Result, row_major>(&exchange, start, STRIDE);
          }
        }
      }
      workgroupBarrier();
    }

    for (var k = 0u; k < TILE_DEEP; k++) {
      for (var i = 0u; i < DOWN; i++) {
        let tile_weights = subgroupMatrixLoad<Left, row_major>(&weights, corner(share, i, k * K), STRIDE);
        for (var j = 0u; j < ACROSS; j++) {
          let start = j * N * STRIDE + k * K / 4;
          let tile_values = subgroupMatrixLoad<Right, col_major>(&values, start, STRIDE);
          results[i][j] = subgroupMatrixMultiplyAccumulate(tile_weights, tile_values, results[i][j]);
        }
      }
    }
  }

  workgroupBarrier();
  partials[thread] = sum;
  workgroupBarrier();
  sum = 0;
  for (var i = 0u; i < LANES; i++) {
    sum += partials[thread / LANES * LANES + i];
  }
  let query_index = row * params.kv_heads * GROUP + head;
  let softmax = joined(query_index, maximum, sum);
  storageBarrier(); // all lanes have read what one will write
  for (var part = 0u; part < HEAD_DIM / KEYS; part++) {
    workgroupBarrier();
    for (var i = 0u; i < DOWN; i++) {
      for (var j = 0u; j < TILE_ACROSS; j++) {
        let result = results[i][part * TILE_ACROSS + j];
        subgroupMatrixStore<row_major>(&exchange, corner(share, i, j * N), result, STRIDE);
      }
    }
    workgroupBarrier();
    if (exists) {
      for (var i = query.lane; i < KEYS / 4; i += LANES) {
        let quad = (query_index * HEAD_DIM + part * KEYS) / 4 + i;
        finish(quad, exchange[query.start + i], softmax);
      }
    }
  }
  if (exists && query.lane == 0) {
    statistics[query_index] = vec2f(softmax.maximum, softmax.sum);
    if (head == 0) {
      end_row(row);
    }
  }
}
