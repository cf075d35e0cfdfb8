// Weights at rest in 16 bits, two inputs to a word, in panels of 64 outputs: [panels, inputs / 2, 64].

const BF16: bool = false; // else f16

@group(0) @binding(3) var<storage, read> weights: array<vec4u>;

/// The first and second inputs of four words.
fn widened(words: vec4u) -> array<vec4f, 2> {
  if (BF16) {
    return array(bitcast<vec4f>(words << vec4u(16)), bitcast<vec4f>(words & vec4u(0xffff0000)));
  }
  let x = unpack2x16float(words.x);
  let y = unpack2x16float(words.y);
  let z = unpack2x16float(words.z);
  let w = unpack2x16float(words.w);
  return array(vec4f(x.x, y.x, z.x, w.x), vec4f(x.y, y.y, z.y, w.y));
}

/// Brings inputs `input` to `input + DEPTH` of a panel into w_tile.
fn stage_weights(panel: u32, input: u32, thread: u32) {
  let start = (panel * params.inputs + input) / 2 * QUADS;
  for (var i = thread; i < DEPTH / 2 * QUADS; i += THREADS) {
    let values = widened(weights[start + i]);
    let place = i / QUADS * 2 * QUADS + quad_place(i % QUADS);
    w_tile[place] = values[0];
    w_tile[place + QUADS] = values[1];
  }
}
