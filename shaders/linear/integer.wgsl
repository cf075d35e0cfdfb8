// out = epilogue(x·Wᵀ) for integers: exact sums within a block of 32 inputs, then both blocks' scales.
// A workgroup computes a tile of 64 rows × 64 outputs, a thread 4 × 8 of it; a step of the loop is one block.
//
// Beside this file stand output.wgsl, weight-q8.wgsl or weight-q4.wgsl, and integer-dot.wgsl or integer-float.wgsl,
// which hold the block's integers in workgroup memory and multiply them.

const THREADS: u32 = 128;
const TILE: u32 = 64; // rows, and outputs
const QUADS: u32 = TILE / 4;
const WORDS: u32 = 8; // of four integers: a block

@group(0) @binding(2) var<storage, read> x: array<vec4u>; // [rows, blocks, 8 words]
@group(0) @binding(3) var<storage, read> x_scales: array<f32>; // [rows, blocks]

var<workgroup> x_scale_tile: array<vec4f, QUADS>; // [64 rows]
var<workgroup> w_scale_tile: array<vec4f, QUADS>; // [64 outputs], quads as quad_place says

/// Sums over one block, for four rows, of eight outputs each.
struct Sums {
  left: array<vec4f, 4>,
  right: array<vec4f, 4>,
}

/// Four words of four rows, transposed. Rows past the last repeat it; nothing of them is written.
fn stage_rows(first_row: u32, block: u32, blocks: u32, thread: u32) {
  let rows = thread / 2;
  let half = thread % 2; // of the block's words
  var words: array<vec4u, 4>;
  // unrolled
  for (var i = 0u; i < 4; i++) {
    let row = min(first_row + rows * 4 + i, params.rows - 1);
    words[i] = x[(params.x_start / 32 + row * blocks + block) * 2 + half];
  }
  // unrolled
  for (var i = 0u; i < 4; i++) {
    put_rows(half * 4 + i, rows, vec4u(words[0][i], words[1][i], words[2][i], words[3][i]));
  }
}

fn stage_row_scales(first_row: u32, block: u32, blocks: u32, quad: u32) {
  let row = vec4u(first_row + quad * 4) + vec4u(0, 1, 2, 3);
  let place = params.x_start / 32 + min(row, vec4u(params.rows - 1)) * blocks + block;
  x_scale_tile[quad] = vec4f(x_scales[place.x], x_scales[place.y], x_scales[place.z], x_scales[place.w]);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let tile = tile_start(workgroup.x, vec2u(TILE));
  let first_row = tile.x;
  let panel = tile.y / TILE;
  let row_quad = thread / 8;
  let octet = thread % 8; // outputs 8 · octet to + 8
  let blocks = params.inputs / 32;

  var left_sums = mat4x4f(); // column i: row i, its four outputs
  var right_sums = mat4x4f();
  for (var block = 0u; block < blocks; block++) {
    workgroupBarrier();
    let panel_block = panel * blocks + block;
    stage_weights(panel_block, THREADS - 1 - thread); // from the last on: the first stage rows
    if (thread < 2 * QUADS) {
      stage_rows(first_row, block, blocks, thread);
    } else if (thread < 3 * QUADS) {
      let quad = thread - 2 * QUADS;
      stage_row_scales(first_row, block, blocks, quad);
      w_scale_tile[quad_place(quad)] = weight_scales(panel_block, quad);
    }
    workgroupBarrier();

    let sums = products(thread);
    let x_scale = x_scale_tile[row_quad];
    let left_scale = w_scale_tile[octet];
    let right_scale = w_scale_tile[octet + 8];
    // unrolled
    for (var i = 0u; i < 4; i++) {
      left_sums[i] += sums.left[i] * (x_scale[i] * left_scale);
      right_sums[i] += sums.right[i] * (x_scale[i] * right_scale);
    }
  }

  let row = first_row + row_quad * 4;
  let output = panel * TILE + octet * 8;
  // unrolled
  for (var i = 0u; i < 4; i++) {
    write(row + i, output, left_sums[i], right_sums[i]);
  }
}
