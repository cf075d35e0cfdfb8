// out_i = x at row `rows` i. A workgroup copies one row, if it lies in the page of x that is bound.

const THREADS: u32 = 64;

struct Params {
  first: u32, // the workgroup this dispatch begins with
  columns: u32,
  x_start: u32, // where row `page_first` begins, in values
  page_first: u32, // the first row of x in this page
  page_rows: u32,
  rows_start: u32,
  out_start: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = params.first + workgroup.x;
  let place = rows[params.rows_start + row] - params.page_first; // wraps, and is too large, below the page
  if (place >= params.page_rows) {
    return;
  }
  for (var i = thread; i < params.columns; i += THREADS) {
    out[params.out_start + row * params.columns + i] = x[params.x_start + place * params.columns + i];
  }
}
