// Weights at rest as 8-bit integers, four inputs to a word, in panels of 64 outputs.

@group(0) @binding(4) var<storage, read> weights: array<vec4u>; // [panels, blocks, 8 words, 64 outputs]
@group(0) @binding(5) var<storage, read> w_scales: array<vec4f>; // [panels, blocks, 64 outputs]

/// Brings a block of a panel into workgroup memory.
fn stage_weights(panel_block: u32, thread: u32) {
  put_weights(thread / QUADS, thread % QUADS, weights[panel_block * WORDS * QUADS + thread]);
}

/// The block's scales of four outputs.
fn weight_scales(panel_block: u32, quad: u32) -> vec4f {
  return w_scales[panel_block * QUADS + quad];
}
