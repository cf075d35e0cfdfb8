// Attention as in float.wgsl, on tensor cores: both products are 16-bit, all sums and the softmax 32-bit.
//
// Each of a workgroup's four subgroups serves SHARE queries of one head; all four see the same keys and values, which
// the GPU's caches hold. Scores and partial results pass through workgroup memory, because only there a thread knows
// which value is which: a query belongs to LANES threads, and its result rests in their registers.
//
// Queries come scaled from rows/halves.wgsl; the cache is in 16 bits, with rows to spare after its last. In front of this
// file stands range.wgsl.

enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;

const HEAD_DIM: u32 = 128;
const GROUP: u32 = 2; // query heads that share a key-value head: 1, 2 or 4
const SUBGROUP: u32 = 32; // threads
const M: u32 = 16; // queries of a matrix
const N: u32 = 16; // keys, or columns of values
const K: u32 = 16; // dimensions, or values

const SHARE: u32 = max(M, SUBGROUP / 2); // queries of a subgroup
const LANES: u32 = SUBGROUP / SHARE; // threads to a query
const THREADS: u32 = 4 * SUBGROUP;
const ROWS: u32 = 4 * SHARE; // queries a workgroup serves, head by head
const TOKENS: u32 = ROWS / GROUP;
const KEYS: u32 = 64; // in a tile
const COLUMNS: u32 = 32; // of values, at a time
const STRIDE: u32 = KEYS + 4; // of a query's row in `exchange`: neighbours fall into different banks
const WEIGHT_STRIDE: u32 = KEYS + 8;
const DOWN: u32 = SHARE / M;
const OUT_QUADS: u32 = HEAD_DIM / 4 / LANES; // of columns, to a thread

alias Left = subgroup_matrix_left<f16, K, M>;
alias Right = subgroup_matrix_right<f16, N, K>;
alias Result = subgroup_matrix_result<f32, N, M>;

@group(0) @binding(4) var<storage, read> queries: array<f16>; // [rows, kv_heads, GROUP, HEAD_DIM]
@group(0) @binding(5) var<storage, read> query_scales: array<f32>; // [rows]
@group(0) @binding(6) var<storage, read> cache: array<f16>; // [keys, 2, kv_heads, HEAD_DIM]: keys, values

var<workgroup> exchange: array<f32, ROWS * STRIDE>; // [ROWS, KEYS] scores, or [ROWS, COLUMNS] of results
var<workgroup> weights: array<f16, ROWS * WEIGHT_STRIDE>; // [ROWS, KEYS], before the division
var<workgroup> partials: array<f32, THREADS>; // what a query's lanes found

/// Makes what a thread holds known to the other lanes of its query.
fn publish(value: f32, thread: u32) {
  workgroupBarrier();
  partials[thread] = value;
  workgroupBarrier();
}

@compute @workgroup_size(THREADS)
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
  let head = share * SHARE / TOKENS;
  let token = share * SHARE % TOKENS;
  let query_stride = params.kv_heads * GROUP * HEAD_DIM;
  let first_query = params.queries_start + (tile * TOKENS + token) * query_stride + (kv_head * GROUP + head) * HEAD_DIM;
  var query_matrices: array<array<Left, HEAD_DIM / K>, DOWN>;
  for (var i = 0u; i < DOWN; i++) {
    for (var k = 0u; k < HEAD_DIM / K; k++) {
      let start = first_query + i * M * query_stride + k * K;
      query_matrices[i][k] = subgroupMatrixLoad<Left, row_major>(&queries, start, query_stride);
    }
  }

  // The thread's query: row `row` of all, row `place` of this workgroup's.
  let lane = thread % LANES;
  let place = thread / LANES;
  let own_token = token + place % SHARE;
  let position = places[own_token];
  let row = row_of(tile, own_token);
  let query = (row * params.kv_heads + kv_head) * GROUP + head;
  let scale = params.scale * query_scales[params.queries_start / query_stride + row];

  var maximum = UNSEEN;
  var sum = 0.0; // of weights, this lane's part
  var result = array<vec4f, OUT_QUADS>(); // columns 4 · (lane + i · LANES) and on
  if (params.resumes == 1) {
    maximum = statistics[query].x;
    sum = select(0.0, statistics[query].y, lane == 0);
    for (var i = 0u; i < OUT_QUADS; i++) {
      result[i] = out[params.out_start / 4 + query * (HEAD_DIM / 4) + lane + i * LANES];
    }
  }

  let key_stride = 2 * params.kv_heads * HEAD_DIM;
  for (var first_key = visible.start; first_key < visible.end; first_key += KEYS) {
    let keys_start = params.cache_start + (first_key - params.page_first) * key_stride + kv_head * HEAD_DIM;
    let values_start = keys_start + params.kv_heads * HEAD_DIM;

    workgroupBarrier();
    for (var j = 0u; j < KEYS / N; j++) {
      var scores = array<Result, DOWN>();
      for (var k = 0u; k < HEAD_DIM / K; k++) {
        let keys = subgroupMatrixLoad<Right, col_major>(&cache, keys_start + j * N * key_stride + k * K, key_stride);
        for (var i = 0u; i < DOWN; i++) {
          scores[i] = subgroupMatrixMultiplyAccumulate(query_matrices[i][k], keys, scores[i]);
        }
      }
      for (var i = 0u; i < DOWN; i++) {
        subgroupMatrixStore<row_major>(&exchange, (share * SHARE + i * M) * STRIDE + j * N, scores[i], STRIDE);
      }
    }
    workgroupBarrier();

    let full = first_key >= visible.full_start && first_key + KEYS <= visible.full_end;
    var largest = UNSEEN;
    for (var i = lane; i < KEYS; i += LANES) {
      var score = exchange[place * STRIDE + i] * scale;
      if (!full && !sees(position, first_key + i)) {
        score = UNSEEN;
      }
      exchange[place * STRIDE + i] = score;
      largest = max(largest, score);
    }
    publish(largest, thread);
    var new_maximum = maximum;
    for (var i = 0u; i < LANES; i++) {
      new_maximum = max(new_maximum, partials[place * LANES + i]);
    }
    let shrink = exp2(maximum - new_maximum);
    maximum = new_maximum;
    sum *= shrink;
    for (var i = lane; i < KEYS; i += LANES) {
      let weight = exp2(exchange[place * STRIDE + i] - maximum);
      sum += weight;
      weights[place * WEIGHT_STRIDE + i] = f16(weight);
    }
    for (var i = 0u; i < OUT_QUADS; i++) {
      result[i] *= shrink;
    }

    workgroupBarrier();
    var weight_matrices = array<array<Left, KEYS / K>, DOWN>();
    for (var i = 0u; i < DOWN; i++) {
      for (var k = 0u; k < KEYS / K; k++) {
        let start = (share * SHARE + i * M) * WEIGHT_STRIDE + k * K;
        weight_matrices[i][k] = subgroupMatrixLoad<Left, row_major>(&weights, start, WEIGHT_STRIDE);
      }
    }
    for (var part = 0u; part < HEAD_DIM / COLUMNS; part++) {
      for (var j = 0u; j < COLUMNS / N; j++) {
        var products = array<Result, DOWN>();
        for (var k = 0u; k < KEYS / K; k++) {
          let start = values_start + k * K * key_stride + part * COLUMNS + j * N;
          let values = subgroupMatrixLoad<Right, row_major>(&cache, start, key_stride);
          for (var i = 0u; i < DOWN; i++) {
            products[i] = subgroupMatrixMultiplyAccumulate(weight_matrices[i][k], values, products[i]);
          }
        }
        for (var i = 0u; i < DOWN; i++) {
          subgroupMatrixStore<row_major>(&exchange, (share * SHARE + i * M) * STRIDE + j * N, products[i], STRIDE);
        }
      }
      workgroupBarrier();
      const QUADS = COLUMNS / 4 / LANES; // of a part, to a thread
      for (var i = 0u; i < QUADS; i++) {
        let start = place * STRIDE + (lane + i * LANES) * 4;
        result[part * QUADS + i] +=
          vec4f(exchange[start], exchange[start + 1], exchange[start + 2], exchange[start + 3]);
      }
      workgroupBarrier();
    }
  }

  publish(sum, thread);
  if (tile * TOKENS + own_token >= params.rows) {
    return;
  }
  var total = 0.0;
  for (var i = 0u; i < LANES; i++) {
    total += partials[place * LANES + i];
  }
  let divisor = select(1.0, total, params.ends == 1);
  for (var i = 0u; i < OUT_QUADS; i++) {
    out[params.out_start / 4 + query * (HEAD_DIM / 4) + lane + i * LANES] = result[i] / divisor;
  }
  if (lane == 0) {
    statistics[query] = vec2f(maximum, total);
  }
}
