// Heads, ready for attention: RMS-normalised, then rotated by their token's angles (RoPE, Su et al. 2021, in the
// half-split form: element i is paired with i + HEAD_DIM/2). Values, which follow the keys, are only copied.
//
// A thread holds four elements of the lower half and the four that are paired with them.
// In front of this file stands attention/cache-f32.wgsl or cache-f16.wgsl.

const HEAD_DIM: u32 = 128;
const LANES: u32 = HEAD_DIM / 8; // threads to a head
const HEADS: u32 = 64 / LANES; // heads to a workgroup

struct Params {
  first: u32, // the workgroup this dispatch begins with
  heads: u32, // of all rows together
  heads_a_row: u32,
  rotated: u32, // how many of a row's heads are normalised and rotated; the rest are copied
  projected_columns: u32,
  projected_start: u32, // where the first head of row 0 begins, in values
  angles_start: u32,
  out_start: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> projected: array<vec4f>;
@group(0) @binding(2) var<storage, read> norm: array<vec4f>; // [HEAD_DIM]
@group(0) @binding(3) var<storage, read> angles: array<vec4f>; // [rows, HEAD_DIM]: cosines, then sines
@group(0) @binding(4) var<storage, read_write> out: array<Stored>;

var<workgroup> squares: array<f32, LANES * HEADS>;

@compute @workgroup_size(LANES, HEADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) place: vec3u) {
  let lane = place.x;
  let index = (params.first + workgroup.x) * HEADS + place.y; // of the head, over all rows
  let row = index / params.heads_a_row;
  let head = index % params.heads_a_row;
  let exists = index < params.heads;

  let source = (params.projected_start + row * params.projected_columns + head * HEAD_DIM) / 4 + lane;
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

  if (head < params.rotated) {
    var sum = 0.0;
    for (var i = 0u; i < LANES; i++) {
      sum += squares[place.y * LANES + i];
    }
    let scale = 1.0 / sqrt(sum / f32(HEAD_DIM) + params.epsilon);
    let angle = (params.angles_start + row * HEAD_DIM) / 4 + lane;
    let cosine = angles[angle];
    let sine = angles[angle + LANES];
    let x = low * scale * norm[lane];
    let y = high * scale * norm[lane + LANES];
    low = x * cosine - y * sine;
    high = y * cosine + x * sine;
  }
  let target_place = (params.out_start + index * HEAD_DIM) / 4 + lane;
  out[target_place] = stored(low);
  out[target_place + LANES] = stored(high);
}
