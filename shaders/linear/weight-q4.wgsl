// Weights at rest as 4-bit integers, eight inputs to a word, in panels of 64 outputs. The lower halves of a word's
// bytes are four inputs, the upper halves the next four. A block's integers are 0 to 15; that which stands for 0,
// the zero point, takes the lowest four bits of its scale.

const ZERO_POINT: u32 = 0xf;

@group(0) @binding(4) var<storage, read> weights: array<vec4u>; // [panels, blocks, 4 words, 64 outputs]
@group(0) @binding(5) var<storage, read> w_scales: array<vec4u>; // [panels, blocks, 64 outputs]

/// Integers less the zero point, in signed bytes. The sign bit is set meanwhile, so that no byte borrows.
fn centred(integers: vec4u, zeros: vec4u) -> vec4u {
  let sign = vec4u(0x80808080);
  return ((integers | sign) - zeros * vec4u(0x01010101)) ^ sign;
}

/// Brings a block of a panel into workgroup memory. It takes the first half of the threads.
fn stage_weights(panel_block: u32, thread: u32) {
  if (thread >= THREADS / 2) {
    return;
  }
  let quad = thread % QUADS;
  let words = weights[panel_block * WORDS / 2 * QUADS + thread]; // [4 words, 16 quads]
  let zeros = w_scales[panel_block * QUADS + quad] & vec4u(ZERO_POINT);
  let word = thread / QUADS * 2;
  put_weights(word, quad, centred(words & vec4u(0x0f0f0f0f), zeros));
  put_weights(word + 1, quad, centred((words >> vec4u(4)) & vec4u(0x0f0f0f0f), zeros));
}

/// The block's scales of four outputs.
fn weight_scales(panel_block: u32, quad: u32) -> vec4f {
  return bitcast<vec4f>(w_scales[panel_block * QUADS + quad] & vec4u(~ZERO_POINT));
}
