// How results leave attention: as 32-bit floats. Where the cache has several pages, each adds its own.

@group(0) @binding(2) var<storage, read_write> out: array<vec4f>; // [rows, kv_heads, GROUP, HEAD_DIM]

/// Four columns of a query's result over this page, which go to this place of `out`.
fn finish(quad: u32, result: vec4f, softmax: Softmax) {
  var values = result * softmax.own;
  if (params.resumes == 1) {
    values += out[params.out_start / 4 + quad] * softmax.earlier;
  }
  out[params.out_start / 4 + quad] = select(values, values / softmax.sum, params.ends == 1);
}

fn end_row(_row: u32) {}
