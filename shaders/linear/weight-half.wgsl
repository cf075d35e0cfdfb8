// Weights at rest in 16 bits, in panels of 64 outputs: [panels, inputs, 64], two neighbouring outputs to a word.

const BF16: bool = false; // else f16

@group(0) @binding(3) var<storage, read> weights: array<vec4u>; // eight outputs each

/// Two words, as four outputs.
fn widened(words: vec2u) -> vec4f {
  if (BF16) {
    return bitcast<vec4f>(vec4u(words << vec2u(16), words & vec2u(0xffff0000)).xzyw);
  }
  return vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
}

/// Brings inputs `input` to `input + DEPTH` of a panel into w_tile.
fn stage_weights(panel: u32, input: u32, thread: u32) {
  let start = (panel * params.inputs + input) * QUADS / 2;
  // unrolled
  for (var part = 0u; part < DEPTH * QUADS / 2 / THREADS; part++) {
    let i = part * THREADS + thread;
    let words = weights[start + i];
    let place = i / 8 * QUADS + i % 8; // as quad_place says
    w_tile[place] = widened(words.xy);
    w_tile[place + 8] = widened(words.zw);
  }
}
