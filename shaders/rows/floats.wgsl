// Rows of 16-bit floats, back in 32 bits: for a kernel that reads them so.

enable f16;

const THREADS: u32 = 64;

struct Params {
  first: u32, // the workgroup this dispatch begins with
  columns: u32,
  x_start: u32, // in values
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f16>>;
@group(0) @binding(2) var<storage, read> x_scales: array<f32>; // [rows]
@group(0) @binding(3) var<storage, read_write> floats: array<vec4f>; // [rows, columns]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = params.first + workgroup.x;
  let quads = params.columns / 4;
  let scale = x_scales[params.x_start / params.columns + row];
  for (var i = thread; i < quads; i += THREADS) {
    floats[row * quads + i] = vec4f(x[params.x_start / 4 + row * quads + i]) * scale;
  }
}
