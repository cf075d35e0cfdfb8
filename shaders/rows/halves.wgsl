// Rows of x as 16-bit floats, two to a word, with a scale for each row: what kernels in 16-bit arithmetic multiply.
// The scale is a power of two, hence exact, that brings a row's largest value into [16, 32): activations beyond
// the range of 16-bit floats exist, and sums of eight products with weights of at most 255 stay inside it.

const THREADS: u32 = 64;

struct Params {
  first: u32, // the workgroup this dispatch begins with
  columns: u32,
  x_start: u32, // in values
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> halves: array<vec2u>; // [rows, columns]
@group(0) @binding(3) var<storage, read_write> scales: array<f32>; // [rows]: what to multiply with to come back

var<workgroup> peaks: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = params.first + workgroup.x;
  let quads = params.columns / 4;
  let start = params.x_start / 4 + row * quads;
  var largest = vec4f();
  for (var i = thread; i < quads; i += THREADS) {
    largest = max(largest, abs(x[start + i]));
  }
  peaks[thread] = max(max(largest.x, largest.y), max(largest.z, largest.w));
  for (var half = THREADS / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (thread < half) {
      peaks[thread] = max(peaks[thread], peaks[thread + half]);
    }
  }
  workgroupBarrier();
  // 2^(exponent of the peak − 4); the exponent is kept where both it and its inverse are normal numbers.
  let exponent = clamp(bitcast<u32>(peaks[0]) >> 23, 32, 222) - 4;
  let back = bitcast<f32>(exponent << 23);
  let there = bitcast<f32>((254 - exponent) << 23);
  for (var i = thread; i < quads; i += THREADS) {
    let values = x[start + i] * there;
    halves[row * quads + i] = vec2u(pack2x16float(values.xy), pack2x16float(values.zw));
  }
  if (thread == 0) {
    scales[row] = back;
  }
}
