// The integers of integer.wgsl four at a time, by dot products of bytes. Where the language lacks dot4I8Packed,
// dot4.wgsl has it.

// 1.5 · 2^23 as a float. Between 2^23 and 2^24 neighbouring floats differ by one: this word plus an integer below 2^22
// is the float of the sum, and a block's sums are at most 32 · 127 · 128. So integers become floats by a subtraction.
const ZERO_WORD: i32 = 0x4b400000;
const ZERO_VALUE: f32 = 12582912.0;

var<workgroup> x_tile: array<vec4u, WORDS * QUADS>; // [8 words, 64 rows]
var<workgroup> w_tile: array<vec4u, WORDS * QUADS>; // [8 words, 64 outputs], quads as quad_place says

/// A word of four rows.
fn put_rows(word: u32, quad: u32, words: vec4u) {
  x_tile[word * QUADS + quad] = words;
}

/// A word of four outputs.
fn put_weights(word: u32, quad: u32, words: vec4u) {
  w_tile[word * QUADS + quad_place(quad)] = words;
}

/// The dot products of one row's word with those of four outputs.
fn dots(word: u32, outputs: vec4u) -> vec4i {
  return vec4i(
    dot4I8Packed(word, outputs.x),
    dot4I8Packed(word, outputs.y),
    dot4I8Packed(word, outputs.z),
    dot4I8Packed(word, outputs.w),
  );
}

fn products(thread: u32) -> Sums {
  let row_quad = thread / 8 % QUADS; // the remainder spares bounds checks
  let octet = thread % 8;
  let zero = vec4i(ZERO_WORD);
  var left = array<vec4i, 4>(zero, zero, zero, zero); // [4 rows] of four outputs
  var right = array<vec4i, 4>(zero, zero, zero, zero);
  for (var word = 0u; word < WORDS; word++) {
    let x_words = x_tile[word * QUADS + row_quad];
    let left_words = w_tile[word * QUADS + octet];
    let right_words = w_tile[word * QUADS + octet + 8];
    // unrolled
    for (var i = 0u; i < 4; i++) {
      left[i] += dots(x_words[i], left_words);
      right[i] += dots(x_words[i], right_words);
    }
  }
  var sums: Sums;
  // unrolled
  for (var i = 0u; i < 4; i++) {
    sums.left[i] = bitcast<vec4f>(left[i]) - ZERO_VALUE;
    sums.right[i] = bitcast<vec4f>(right[i]) - ZERO_VALUE;
  }
  return sums;
}
