// What rms-norm.wgsl makes of a row, written as 32-bit floats.

@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

fn write_row(row: u32, scale: f32, thread: u32) {
  let start = (params.out_start + row * params.columns) / 4;
  for (var i = thread; i < params.columns / 4; i += THREADS) {
    out[start + i] = normalised(row, i, scale);
  }
}
