// out = epilogue(x·Wᵀ) in 32-bit arithmetic. A workgroup computes a tile of 64 rows × 64 outputs, a thread 8 × 8 of
// it, as four 4 × 4 matrices. Tiles of x and W pass through workgroup memory, DEPTH inputs at a time.
//
// In front of this file stand output.wgsl, and weight-f32.wgsl or weight-half.wgsl.

const THREADS: u32 = 64;
const TILE: u32 = 64; // rows, and outputs
const QUADS: u32 = TILE / 4;
const DEPTH: u32 = 16;

@group(0) @binding(2) var<storage, read> x: array<vec4f>;

var<workgroup> x_tile: array<vec4f, DEPTH * QUADS>; // [DEPTH, 64 rows]
var<workgroup> w_tile: array<vec4f, DEPTH * QUADS>; // [DEPTH, 64 outputs], quads as quad_place says

/// Four inputs of four rows, transposed. Rows past the last repeat it; nothing of them is written.
fn stage_rows(first_row: u32, input: u32, thread: u32) {
  let rows = thread / 4 * 4;
  let inputs = thread % 4 * 4;
  var block = mat4x4f();
  // unrolled
  for (var i = 0u; i < 4; i++) {
    let row = min(first_row + rows + i, params.rows - 1);
    block[i] = x[(params.x_start + row * params.inputs + input + inputs) / 4];
  }
  let by_input = transpose(block);
  // unrolled
  for (var i = 0u; i < 4; i++) {
    x_tile[(inputs + i) * QUADS + rows / 4] = by_input[i];
  }
}

/// Column i is a_i · b.
fn outer(a: vec4f, b: vec4f) -> mat4x4f {
  return mat4x4f(a.x * b, a.y * b, a.z * b, a.w * b);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let tile = tile_start(workgroup.x, vec2u(TILE));
  let first_row = tile.x;
  let panel = tile.y / TILE;
  let row_quad = thread / 8 * 2; // rows 4 · row_quad to + 8
  let octet = thread % 8; // outputs 8 · octet to + 8

  var upper_left = mat4x4f(); // column i: row i, its four outputs
  var upper_right = mat4x4f();
  var lower_left = mat4x4f();
  var lower_right = mat4x4f();
  for (var input = 0u; input < params.inputs; input += DEPTH) {
    workgroupBarrier();
    stage_rows(first_row, input, thread);
    stage_weights(panel, input, thread);
    workgroupBarrier();
    for (var step = 0u; step < DEPTH / 4; step++) {
      // unrolled
      for (var i = 0u; i < 4; i++) {
        let place = (4 * step + i) * QUADS;
        let upper = x_tile[place + row_quad];
        let lower = x_tile[place + row_quad + 1];
        let left = w_tile[place + octet];
        let right = w_tile[place + octet + 8];
        upper_left += outer(upper, left);
        upper_right += outer(upper, right);
        lower_left += outer(lower, left);
        lower_right += outer(lower, right);
      }
    }
  }

  let row = first_row + row_quad * 4;
  let output = panel * TILE + octet * 8;
  // unrolled
  for (var i = 0u; i < 4; i++) {
    write(row + i, output, upper_left[i], upper_right[i]);
    write(row + 4 + i, output, lower_left[i], lower_right[i]);
  }
}
