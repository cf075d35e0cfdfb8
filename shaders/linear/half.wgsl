// out = epilogue(x·Wᵀ) in 16-bit arithmetic: four products are added in 16 bits, and these sums in 32. Rows of x come
// scaled from rows/halves.wgsl, so that none of it overflows.
//
// A workgroup computes a tile of 64 rows × 64 outputs, a thread 8 × 8 of it. Tiles of x and W pass through workgroup
// memory, DEPTH inputs at a time, four inputs to a vector. In front of this file stands output.wgsl.

enable f16;

const THREADS: u32 = 64;
const TILE: u32 = 64; // rows, and outputs
const DEPTH: u32 = 32;
const STEPS: u32 = DEPTH / 4;

@group(0) @binding(2) var<storage, read> x: array<vec4<f16>>; // [rows, inputs]
@group(0) @binding(3) var<storage, read> x_scales: array<f32>; // [rows]
@group(0) @binding(4) var<storage, read> weights: array<vec2<f16>>; // [panels, inputs / 2, 64], two inputs each

var<workgroup> x_tile: array<vec4<f16>, STEPS * TILE>; // [STEPS, 64 rows]
var<workgroup> w_tile: array<vec4<f16>, STEPS * TILE>; // [STEPS, 64 outputs]

/// Rows past the last repeat it; nothing of them is written.
fn stage(first_row: u32, panel: u32, input: u32, thread: u32) {
  for (var i = thread; i < STEPS * TILE; i += THREADS) {
    let row = min(first_row + i / STEPS, params.rows - 1);
    x_tile[i % STEPS * TILE + i / STEPS] = x[(params.x_start + row * params.inputs + input) / 4 + i % STEPS];
  }
  let start = (panel * params.inputs + input) / 2 * TILE + thread;
  for (var step = 0u; step < STEPS; step++) {
    let first = weights[start + 2 * step * TILE];
    let second = weights[start + (2 * step + 1) * TILE];
    w_tile[step * TILE + thread] = vec4<f16>(first, second);
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let tile = tile_start(workgroup.x, TILE);
  let first_row = tile.x;
  let panel = tile.y / TILE;
  let row = thread / 8; // and every eighth after it
  let octet = thread % 8; // outputs 8 · octet to + 8

  var left = array<vec4f, 8>(); // [8 rows] of four outputs
  var right = array<vec4f, 8>();
  for (var input = 0u; input < params.inputs; input += DEPTH) {
    workgroupBarrier();
    stage(first_row, panel, input, thread);
    workgroupBarrier();
    for (var step = 0u; step < STEPS; step++) {
      var w = array<vec4<f16>, 8>();
      for (var i = 0u; i < 8; i++) {
        w[i] = w_tile[step * TILE + octet * 8 + i];
      }
      for (var i = 0u; i < 8; i++) {
        let values = x_tile[step * TILE + row + 8 * i];
        left[i] += vec4f(f32(dot(values, w[0])), f32(dot(values, w[1])), f32(dot(values, w[2])), f32(dot(values, w[3])));
        right[i] += vec4f(f32(dot(values, w[4])), f32(dot(values, w[5])), f32(dot(values, w[6])), f32(dot(values, w[7])));
      }
    }
  }

  let output = panel * TILE + octet * 8;
  for (var i = 0u; i < 8; i++) {
    let place = first_row + row + 8 * i;
    let scale = x_scales[params.x_start / params.inputs + min(place, params.rows - 1)];
    write(place, output, left[i] * scale, right[i] * scale);
  }
}
