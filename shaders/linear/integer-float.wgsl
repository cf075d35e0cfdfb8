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

fn products(thread: u32) -> Sums {
  let row_quad = thread / 8 % QUADS; // the remainder spares bounds checks
  let octet = thread % 8;
  var sums = Sums();
  for (var word = 0u; word < WORDS; word++) {
    // unrolled
    for (var i = 0u; i < 4; i++) {
      let place = (4 * word + i) * QUADS;
      let rows = x_tile[place + row_quad];
      let left = w_tile[place + octet];
      let right = w_tile[place + octet + 8];
      // unrolled
      for (var j = 0u; j < 4; j++) {
        sums.left[j] += rows[j] * left;
        sums.right[j] += rows[j] * right;
      }
    }
  }
  return sums;
}
