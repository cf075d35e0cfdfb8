// Rows of x with zeros behind each: for a product whose weight was padded to whole blocks.

const THREADS: u32 = 64;

struct Params {
  first: u32, // the workgroup this dispatch begins with
  columns: u32,
  padded: u32, // columns
  x_start: u32, // in values
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> wide: array<vec4f>; // [rows, padded]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = params.first + workgroup.x;
  let quads = params.columns / 4;
  let wide_quads = params.padded / 4;
  for (var i = thread; i < wide_quads; i += THREADS) {
    var values = vec4f();
    if (i < quads) {
      values = x[params.x_start / 4 + row * quads + i];
    }
    wide[row * wide_quads + i] = values;
  }
}
