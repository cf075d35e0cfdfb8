// Rows of x as 8-bit integers, four to a word, with a scale for each block of 32: what linear/integer.wgsl multiplies.
// A thread quantises one block: scale = max|x| / 127, integer = round(x / scale), halves to the even neighbour.

const THREADS: u32 = 64;
const SMALLEST: f32 = 1e-30; // below it the inverse of the scale would leave f32, and the block is zero

struct Params {
  first: u32, // the workgroup this dispatch begins with
  blocks: u32, // of all rows together
  x_start: u32, // in values
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> integers: array<vec4u>; // [blocks, 8 words]
@group(0) @binding(3) var<storage, read_write> scales: array<f32>; // [blocks]

fn packed(values: vec4f, inverse: f32) -> u32 {
  let bytes = vec4u(vec4i(round(values * inverse))) & vec4u(0xff);
  return bytes.x | (bytes.y << 8) | (bytes.z << 16) | (bytes.w << 24);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let block = (params.first + workgroup.x) * THREADS + thread;
  if (block >= params.blocks) {
    return;
  }
  let start = params.x_start / 4 + block * 8;
  var largest = vec4f();
  for (var i = 0u; i < 8; i++) {
    largest = max(largest, abs(x[start + i]));
  }
  let peak = max(max(largest.x, largest.y), max(largest.z, largest.w));
  var scale = 0.0;
  var inverse = 0.0;
  if (peak >= SMALLEST) {
    scale = peak / 127.0;
    inverse = 1.0 / scale;
  }
  scales[block] = scale;
  for (var i = 0u; i < 2; i++) {
    let at = start + 4 * i;
    integers[2 * block + i] = vec4u(
      packed(x[at], inverse),
      packed(x[at + 1], inverse),
      packed(x[at + 2], inverse),
      packed(x[at + 3], inverse),
    );
  }
}
