// Rows of 16-bit floats, back in 32 bits: for a kernel that reads them so.

const THREADS: u32 = 64;

struct Params {
  first: u32, // the workgroup this dispatch begins with
  columns: u32,
  x_start: u32, // in values
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec2u>; // four values each
@group(0) @binding(2) var<storage, read> x_scales: array<f32>; // [rows]
@group(0) @binding(3) var<storage, read_write> floats: array<vec4f>; // [rows, columns]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = params.first + workgroup.x;
  let quads = params.columns / 4;
  let scale = x_scales[params.x_start / params.columns + row];
  for (var i = thread; i < quads; i += THREADS) {
    let halves = x[params.x_start / 4 + row * quads + i];
    floats[row * quads + i] = vec4f(unpack2x16float(halves.x), unpack2x16float(halves.y)) * scale;
  }
}
