// Weights at rest as 4-bit integers, step by step as linear/matrix.wgsl reads them, in panels of 64 outputs. A step is
// a block. The lower halves of a word's bytes are inputs 0, 2, 1 and 3, the upper halves the next four likewise, so
// that a mask leaves two neighbours. Put into the last bits of 64.0, an integer is a 16-bit float: 64 + integer / 16.
// That which stands for 0, the zero point, takes the lowest four bits of a block's scale.

const PANEL: u32 = 64;
const ZERO_POINT: u32 = 0xf;

@group(0) @binding(4) var<storage, read> integers: array<vec2u>; // [panels, steps, 64 outputs, 2] of 16 inputs
@group(0) @binding(5) var<storage, read> w_scales: array<u32>; // [panels, steps, 64 outputs]

struct WeightPart {
  words: vec2u,
  scale: u32,
}

/// What a thread fetches of a step.
const W_PARTS: u32 = TILE_OUTPUTS * 2 / THREADS;
alias WeightParts = array<WeightPart, W_PARTS>;

fn fetch_weights(first_panel: u32, steps: u32, step: u32, thread: u32) -> WeightParts {
  var parts: WeightParts;
  for (var i = 0u; i < W_PARTS; i++) {
    let part = thread + i * THREADS;
    let place = ((first_panel + part / 2 / PANEL) * steps + step) * PANEL + part / 2 % PANEL;
    parts[i] = WeightPart(integers[place * 2 + part % 2], w_scales[place]);
  }
  return parts;
}

/// Eight inputs of a word.
fn dequantized(word: u32, zero: f16, scale: f16) -> vec4u {
  let integers = vec4u(word, word >> 8, word >> 4, word >> 12) & vec4u(0x000f000f);
  let bits = integers | vec4u(0x54005400);
  let first = (bitcast<vec4<f16>>(bits.xy) - zero) * scale;
  let second = (bitcast<vec4<f16>>(bits.zw) - zero) * scale;
  return vec4u(bitcast<vec2u>(first), bitcast<vec2u>(second));
}

fn stage_weights(parts: WeightParts, thread: u32) {
  for (var i = 0u; i < W_PARTS; i++) {
    let part = thread + i * THREADS;
    let zero = 64 + f16(parts[i].scale & ZERO_POINT) / 16;
    let scale = f16(16 * bitcast<f32>(parts[i].scale & ~ZERO_POINT));
    let row = TILE_ROWS + part / 2;
    let eighth = part % 2 * 2;
    stage(row, eighth, dequantized(parts[i].words.x, zero, scale));
    stage(row, eighth + 1, dequantized(parts[i].words.y, zero, scale));
  }
}
