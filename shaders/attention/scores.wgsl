// Scores of queries and the keys of one page, written out for whoever wants to see what attention weighs values with:
// weights.wgsl makes weights of them. A thread has one key for one head of a query.
//
// In front of this file stands cache-f32.wgsl or cache-f16.wgsl.

const HEAD_DIM: u32 = 128;
const GROUP: u32 = 2; // query heads that share a key-value head

const THREADS: u32 = 64;
const HEAD_QUADS: u32 = HEAD_DIM / 4;
const UNSEEN: f32 = -1e30; // the score of a key that a query may not see; finite, so that differences are, too

struct Params {
  first: u32, // the workgroup this dispatch begins with
  kv_heads: u32,
  first_query: u32, // which head of which query the first row of `out` belongs to, all heads counted through
  queries_start: u32, // in values, as are all starts
  out_start: u32,
  positions_start: u32,
  cache_start: u32, // where key `page_first` begins
  page_first: u32, // the first key of this page
  page_end: u32, // the key after its last that is wanted
  keys: u32, // of a row of `out`
  window: u32, // how many keys a query sees at most, itself included
  scale: f32, // of scores, times log2(e): the exponentials are powers of two
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> positions: array<u32>; // [rows]
@group(0) @binding(2) var<storage, read> queries: array<vec4f>; // [rows, kv_heads, GROUP, HEAD_DIM]
@group(0) @binding(3) var<storage, read> cache: array<Stored>; // [keys, 2, kv_heads, HEAD_DIM]: keys, values
@group(0) @binding(4) var<storage, read_write> out: array<f32>; // [rows, kv_heads, GROUP, keys]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let index = params.first + workgroup.x;
  let blocks = (params.page_end - params.page_first + THREADS - 1) / THREADS;
  let row = index / blocks; // of `out`
  let key = params.page_first + index % blocks * THREADS + thread;
  if (key >= params.page_end) {
    return;
  }
  let query = params.first_query + row;
  let heads = params.kv_heads * GROUP;
  let kv_head = query % heads / GROUP;
  let place = params.cache_start / 4 + ((key - params.page_first) * 2 * params.kv_heads + kv_head) * HEAD_QUADS;
  var score = 0.0;
  for (var i = 0u; i < HEAD_QUADS; i++) {
    score += dot(queries[params.queries_start / 4 + query * HEAD_QUADS + i], restored(cache[place + i]));
  }
  let position = positions[params.positions_start + query / heads];
  let seen = key <= position && position - key < params.window;
  out[params.out_start + row * params.keys + key] = select(UNSEEN, score * params.scale, seen);
}
