// Weights at rest as 8-bit integers, step by step as linear/matrix.wgsl reads them, in panels of 64 outputs. A step is
// a block. A word's bytes are inputs 0, 2, 1 and 3, so that a mask leaves two neighbours; each holds 128 more than its
// integer. Put into the last bits of 8.0, a byte makes a 16-bit float: 8 + byte / 128.

const PANEL: u32 = 64;

@group(0) @binding(4) var<storage, read> integers: array<vec4u>; // [panels, steps, 64 outputs, 2] of 16 inputs
@group(0) @binding(5) var<storage, read> w_scales: array<f32>; // [panels, steps, 64 outputs]

struct WeightPart {
  words: vec4u,
  scale: f32,
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

/// Four inputs of a word.
fn dequantized(word: u32, scale: f16) -> vec2u {
  let bits = (vec2u(word, word >> 8) & vec2u(0x00ff00ff)) | vec2u(0x48004800);
  return bitcast<vec2u>((bitcast<vec4<f16>>(bits) - 9) * scale);
}

fn stage_weights(parts: WeightParts, thread: u32) {
  for (var i = 0u; i < W_PARTS; i++) {
    let part = thread + i * THREADS;
    let words = parts[i].words;
    let scale = f16(128 * parts[i].scale);
    let row = TILE_ROWS + part / 2;
    let eighth = part % 2 * 2;
    stage(row, eighth, vec4u(dequantized(words.x, scale), dequantized(words.y, scale)));
    stage(row, eighth + 1, vec4u(dequantized(words.z, scale), dequantized(words.w, scale)));
  }
}
