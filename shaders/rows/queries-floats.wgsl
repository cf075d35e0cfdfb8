// Where heads.wgsl leaves queries: as 32-bit floats.

@group(0) @binding(6) var<storage, read_write> queries: array<vec4f>; // [rows, query_heads, HEAD_DIM]

fn put_query(quad: u32, values: vec4f) {
  queries[params.queries_start / 4 + quad] = values;
}

fn end_row(_row: u32) {}
