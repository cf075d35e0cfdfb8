// Heads, ready for attention. Those of queries and of keys are RMS-normalised, then rotated by their token's angles
// (RoPE, Su et al. 2021, in the half-split form: element i is paired with i + HEAD_DIM/2). Values, which follow the
// keys, are only copied. Keys and values go to the cache, queries where they are read from.
//
// A thread holds four elements of the lower half of a head and the four that are paired with them. In front of this file
// stand attention/cache-f32.wgsl or cache-f16.wgsl, and queries-floats.wgsl or queries-halves.wgsl.

const HEAD_DIM: u32 = 128;
const LANES: u32 = HEAD_DIM / 8; // threads to a head
const HEADS: u32 = 64 / LANES; // heads to a workgroup

struct Params {
  first: u32, // the workgroup this dispatch begins with
  heads: u32, // of all rows together
  query_heads: u32, // of a row; it has 2 · key_heads others, keys and values
  key_heads: u32,
  projected_start: u32, // in values, as are all starts
  angles_start: u32,
  queries_start: u32,
  cache_start: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> projected: array<vec4f>; // [rows, query_heads + 2 · key_heads, HEAD_DIM]
@group(0) @binding(2) var<storage, read> angles: array<vec4f>; // [rows, HEAD_DIM]: cosines, then sines
@group(0) @binding(3) var<storage, read> query_norm: array<vec4f>; // [HEAD_DIM]
@group(0) @binding(4) var<storage, read> key_norm: array<vec4f>; // [HEAD_DIM]
@group(0) @binding(5) var<storage, read_write> cache: array<Stored>; // [rows, 2 · key_heads, HEAD_DIM]

var<workgroup> squares: array<f32, LANES * HEADS>;

@compute @workgroup_size(LANES, HEADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) place: vec3u) {
  let lane = place.x;
  let heads_a_row = params.query_heads + 2 * params.key_heads;
  let index = (params.first + workgroup.x) * HEADS + place.y; // of the head, over all rows
  let row = index / heads_a_row;
  let head = index % heads_a_row;
  let exists = index < params.heads;

  let source = (params.projected_start + index * HEAD_DIM) / 4 + lane;
  var low = vec4f();
  var high = vec4f();
  if (exists) {
    low = projected[source];
    high = projected[source + LANES];
  }
  squares[place.y * LANES + lane] = dot(low, low) + dot(high, high);
  workgroupBarrier();
  if (!exists) {
    return;
  }

  let is_query = head < params.query_heads;
  if (head < params.query_heads + params.key_heads) {
    var sum = 0.0;
    for (var i = 0u; i < LANES; i++) {
      sum += squares[place.y * LANES + i];
    }
    let scale = 1.0 / sqrt(sum / f32(HEAD_DIM) + params.epsilon);
    let angle = (params.angles_start + row * HEAD_DIM) / 4 + lane;
    let cosine = angles[angle];
    let sine = angles[angle + LANES];
    let x = low * scale * select(key_norm[lane], query_norm[lane], is_query);
    let y = high * scale * select(key_norm[lane + LANES], query_norm[lane + LANES], is_query);
    low = x * cosine - y * sine;
    high = y * cosine + x * sine;
  }
  if (is_query) {
    let quad = (row * params.query_heads + head) * (HEAD_DIM / 4) + lane;
    put_query(quad, low);
    put_query(quad + LANES, high);
    if (head == 0 && lane == 0) {
      end_row(row);
    }
    return;
  }
  let cached_head = row * 2 * params.key_heads + head - params.query_heads;
  let quad = (params.cache_start + cached_head * HEAD_DIM) / 4 + lane;
  cache[quad] = stored(low);
  cache[quad + LANES] = stored(high);
}
