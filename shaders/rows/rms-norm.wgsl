// RMSNorm (Zhang & Sennrich 2019): out = x / rms(x) · weight. A workgroup normalises one row.
//
// In front of this file stand reduce.wgsl and rms-norm-floats.wgsl or rms-norm-halves.wgsl, which writes the row.

struct Params {
  first: u32, // the workgroup this dispatch begins with
  columns: u32,
  x_start: u32, // in values, as are all starts
  out_start: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>; // [columns]

/// Four values of a row, normalised.
fn normalised(row: u32, quad: u32, scale: f32) -> vec4f {
  return x[(params.x_start + row * params.columns) / 4 + quad] * scale * weight[quad];
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = params.first + workgroup.x;
  let quads = params.columns / 4;
  var squares = 0.0;
  for (var i = thread; i < quads; i += THREADS) {
    let values = x[(params.x_start + row * params.columns) / 4 + i];
    squares += dot(values, values);
  }
  let scale = 1.0 / sqrt(total(squares, thread) / f32(params.columns) + params.epsilon);
  write_row(row, scale, thread);
}
