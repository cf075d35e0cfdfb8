// Rows of x as 16-bit floats with a scale for each: what kernels in 16-bit arithmetic multiply. A workgroup converts
// one row. In front of this file stand reduce.wgsl and half-scale.wgsl.

struct Params {
  first: u32, // the workgroup this dispatch begins with
  columns: u32,
  x_start: u32, // in values, as are all starts
  out_start: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> out: array<vec4<f16>>; // [rows, columns]
@group(0) @binding(3) var<storage, read_write> out_scales: array<f32>; // [rows]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = params.first + workgroup.x;
  let quads = params.columns / 4;
  let start = params.x_start / 4 + row * quads;
  var peaks = vec4f();
  for (var i = thread; i < quads; i += THREADS) {
    peaks = max(peaks, abs(x[start + i]));
  }
  let scale = half_scale_of(largest(max(max(peaks.x, peaks.y), max(peaks.z, peaks.w)), thread));
  for (var i = thread; i < quads; i += THREADS) {
    out[params.out_start / 4 + row * quads + i] = halves_of(x[start + i], scale);
  }
  if (thread == 0) {
    out_scales[params.out_start / params.columns + row] = scale.back;
  }
}
