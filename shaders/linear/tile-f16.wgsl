// Weights at rest in f16, step by step as linear/matrix.wgsl reads them, in panels of 64 outputs.

const PANEL: u32 = 64;

@group(0) @binding(4) var<storage, read> all_weights: array<vec4u>; // [panels, steps, 64 outputs, 4] of 8 inputs

/// What a thread fetches of a step.
const W_PARTS: u32 = TILE_OUTPUTS * 4 / THREADS;
alias WeightParts = array<vec4u, W_PARTS>;

fn fetch_weights(first_panel: u32, steps: u32, step: u32, thread: u32) -> WeightParts {
  var parts: WeightParts;
  for (var i = 0u; i < W_PARTS; i++) {
    let part = thread + i * THREADS;
    let panel = first_panel + part / (PANEL * 4);
    parts[i] = all_weights[(panel * steps + step) * PANEL * 4 + part % (PANEL * 4)];
  }
  return parts;
}

fn stage_weights(parts: WeightParts, thread: u32) {
  for (var i = 0u; i < W_PARTS; i++) {
    let part = thread + i * THREADS;
    stage(TILE_ROWS + part / 4, part % 4, parts[i]);
  }
}
