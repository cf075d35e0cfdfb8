// out = epilogue(x·Wᵀ) in 16-bit arithmetic, two outputs to an instruction: eight products are added in 16 bits, and
// these sums in 32. Rows of x come scaled below 32 from rows/halves.wgsl and weights are at most 255: eight products
// are at most 65,280, and 65,504 fits.
//
// A workgroup computes a tile of 64 rows × 64 outputs, a thread 8 × 8 of it. Tiles of x and W pass through workgroup
// memory, DEPTH inputs at a time. In front of this file stands output.wgsl.

enable f16;

const THREADS: u32 = 64;
const TILE: u32 = 64; // rows, and outputs
const DEPTH: u32 = 32;
const OCTETS: u32 = DEPTH / 8;

struct Octet {
  low: vec4<f16>,
  high: vec4<f16>,
}

@group(0) @binding(2) var<storage, read> x: array<Octet>; // [rows, inputs]
@group(0) @binding(3) var<storage, read> x_scales: array<f32>; // [rows]
@group(0) @binding(4) var<storage, read> weights: array<Octet>; // [panels, inputs, 64 outputs]

var<workgroup> x_tile: array<Octet, TILE * OCTETS>; // [64 rows, DEPTH]
var<workgroup> w_tile: array<Octet, DEPTH * TILE / 8>; // [DEPTH, 64 outputs]

/// Rows past the last repeat it; nothing of them is written.
fn stage(first_row: u32, panel: u32, input: u32, thread: u32) {
  let start = (panel * params.inputs + input) * TILE / 8;
  // unrolled
  for (var part = 0u; part < TILE * OCTETS / THREADS; part++) {
    let i = part * THREADS + thread;
    let row = min(first_row + i / OCTETS, params.rows - 1);
    x_tile[i] = x[(params.x_start + row * params.inputs + input) / 8 + i % OCTETS];
    w_tile[i] = weights[start + i];
  }
}

/// Four inputs of a row, each with its four outputs. The two sums of four are joined by the caller: sums of eight one
/// after the other would be less exact.
fn dots(x: vec4<f16>, a: vec4<f16>, b: vec4<f16>, c: vec4<f16>, d: vec4<f16>) -> vec4<f16> {
  return fma(vec4<f16>(x.w), d, fma(vec4<f16>(x.z), c, fma(vec4<f16>(x.y), b, x.x * a)));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let tile = tile_start(workgroup.x, vec2u(TILE));
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
    for (var step = 0u; step < OCTETS; step++) {
      var l = array<vec4<f16>, 8>(); // [8 inputs] of four outputs
      var r = array<vec4<f16>, 8>();
      // unrolled
      for (var i = 0u; i < 8; i++) {
        let values = w_tile[(step * 8 + i) * 8 + octet];
        l[i] = values.low;
        r[i] = values.high;
      }
      // unrolled
      for (var i = 0u; i < 8; i++) {
        let values = x_tile[(row + 8 * i) * OCTETS + step];
        let a = values.low;
        let b = values.high;
        left[i] += vec4f(dots(a, l[0], l[1], l[2], l[3]) + dots(b, l[4], l[5], l[6], l[7]));
        right[i] += vec4f(dots(a, r[0], r[1], r[2], r[3]) + dots(b, r[4], r[5], r[6], r[7]));
      }
    }
  }

  let output = panel * TILE + octet * 8;
  let first_scale = params.x_start / params.inputs;
  // unrolled
  for (var i = 0u; i < 8; i++) {
    let place = first_row + row + 8 * i;
    let scale = x_scales[first_scale + min(place, params.rows - 1)];
    write(place, output, left[i] * scale, right[i] * scale);
  }
}
