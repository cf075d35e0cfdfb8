// What rms-norm.wgsl makes of a row, written as 16-bit floats with a scale. In front of this file stands
// half-scale.wgsl.

@group(0) @binding(3) var<storage, read_write> out: array<vec4<f16>>;
@group(0) @binding(4) var<storage, read_write> out_scales: array<f32>; // [rows]

fn write_row(row: u32, scale: f32, thread: u32) {
  let quads = params.columns / 4;
  var peaks = vec4f();
  for (var i = thread; i < quads; i += THREADS) {
    peaks = max(peaks, abs(normalised(row, i, scale)));
  }
  let half_scale = half_scale_of(largest(max(max(peaks.x, peaks.y), max(peaks.z, peaks.w)), thread));
  let start = params.out_start / 4 + row * quads;
  for (var i = thread; i < quads; i += THREADS) {
    out[start + i] = halves_of(normalised(row, i, scale), half_scale);
  }
  if (thread == 0) {
    out_scales[params.out_start / params.columns + row] = half_scale.back;
  }
}
