// The integers of integer.wgsl as 32-bit floats, for GPUs that have no dot product of bytes. Nothing is rounded: a
// block's sums are at most 32 · 127 · 128, and floats are exact up to 2^24.

const INPUTS: u32 = 4 * WORDS;

var<workgroup> x_tile: array<vec4f, INPUTS * QUADS>; // [32 inputs, 64 rows]
var<workgroup> w_tile: array<vec4f, INPUTS * QUADS>; // [32 inputs, 64 outputs], quads as quad_place says

/// The signed byte of each word that begins at this bit.
fn bytes(words: vec4u, bit: u32) -> vec4f {
  return vec4f(extractBits(bitcast<vec4i>(words), bit, 8));
}

/// A word of four rows.
fn put_rows(word: u32, quad: u32, words: vec4u) {
  // unrolled
  for (var i = 0u; i < 4; i++) {
    x_tile[(word * 4 + i) * QUADS + quad] = bytes(words, 8 * i);
  }
}

/// A word of four outputs.
fn put_weights(word: u32, quad: u32, words: vec4u) {
  // unrolled
  for (var i = 0u; i < 4; i++) {
    w_tile[(word * 4 + i) * QUADS + quad_place(quad)] = bytes(words, 8 * i);
  }
}

fn products(row_quad: u32, octet: u32) -> Sums {
  var sums: Sums;
  // unrolled
  for (var i = 0u; i < 4; i++) {
    sums.left[i] = vec4f();
    sums.right[i] = vec4f();
  }
  for (var input = 0u; input < INPUTS; input++) {
    let rows = x_tile[input * QUADS + row_quad];
    let left = w_tile[input * QUADS + octet];
    let right = w_tile[input * QUADS + octet + 8];
    // unrolled
    for (var i = 0u; i < 4; i++) {
      sums.left[i] += rows[i] * left;
      sums.right[i] += rows[i] * right;
    }
  }
  return sums;
}
