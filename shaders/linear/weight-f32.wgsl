// Weights at rest as 32-bit floats, in panels of 64 outputs: [panels, inputs, 64].

@group(0) @binding(3) var<storage, read> weights: array<vec4f>;

/// Brings inputs `input` to `input + DEPTH` of a panel into w_tile.
fn stage_weights(panel: u32, input: u32, thread: u32) {
  let start = (panel * params.inputs + input) * QUADS;
  // unrolled
  for (var part = 0u; part < DEPTH * QUADS / THREADS; part++) {
    let i = part * THREADS + thread;
    w_tile[i / QUADS * QUADS + quad_place(i % QUADS)] = weights[start + i];
  }
}
