// How results leave attention where the cache has one page: as 16-bit floats. They are means of values that rest in 16
// bits, so that a row's scale is 1.

@group(0) @binding(2) var<storage, read_write> out: array<vec4<f16>>; // [rows, kv_heads, GROUP, HEAD_DIM]
@group(0) @binding(7) var<storage, read_write> out_scales: array<f32>; // [rows]

/// Four columns of a query's result, which go to this place of `out`.
fn finish(quad: u32, result: vec4f, softmax: Softmax) {
  out[params.out_start / 4 + quad] = vec4<f16>(result / softmax.sum);
}

fn end_row(row: u32) {
  out_scales[params.out_start / (params.kv_heads * GROUP * HEAD_DIM) + row] = 1;
}
