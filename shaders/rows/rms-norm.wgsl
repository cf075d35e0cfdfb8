// RMSNorm (Zhang & Sennrich 2019): out = x / rms(x) · weight. A workgroup normalises one row.

const THREADS: u32 = 64;

struct Params {
  first: u32, // the workgroup this dispatch begins with
  columns: u32,
  x_start: u32, // in values, as are all starts
  out_start: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>; // [columns]
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

var<workgroup> partial_sums: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = (params.first + workgroup.x) * params.columns;
  var squares = 0.0;
  for (var i = thread; i < params.columns; i += THREADS) {
    let value = x[params.x_start + row + i];
    squares += value * value;
  }
  partial_sums[thread] = squares;
  for (var half = THREADS / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (thread < half) {
      partial_sums[thread] += partial_sums[thread + half];
    }
  }
  workgroupBarrier();
  let scale = 1.0 / sqrt(partial_sums[0] / f32(params.columns) + params.epsilon);
  for (var i = thread; i < params.columns; i += THREADS) {
    out[params.out_start + row + i] = x[params.x_start + row + i] * scale * weight[i];
  }
}
