// Where heads.wgsl leaves queries: as 16-bit floats. They are normalised, so that a row's scale is 1. In front of
// this file stands attention/cache-f16.wgsl.

@group(0) @binding(6) var<storage, read_write> queries: array<vec4<f16>>; // [rows, query_heads, HEAD_DIM]
@group(0) @binding(7) var<storage, read_write> query_scales: array<f32>; // [rows]

fn put_query(quad: u32, values: vec4f) {
  queries[params.queries_start / 4 + quad] = stored(values);
}

fn end_row(row: u32) {
  query_scales[params.queries_start / (params.query_heads * HEAD_DIM) + row] = 1;
}
