// What linear/matrix.wgsl multiplies: matrices of f32, where the GPU has none that add products of f16 in 32 bits.

alias Element = f32;

const VECTORS: u32 = 2; // of 16 bytes, that eight elements take

fn widened(halves: vec2u) -> vec4u {
  return bitcast<vec4u>(vec4f(unpack2x16float(halves.x), unpack2x16float(halves.y)));
}

/// Brings eight neighbouring inputs, of a row of x or of an output after them, into workgroup memory.
fn stage(row: u32, eighth: u32, halves: vec4u) {
  let place = row * PITCH + eighth * VECTORS;
  tile[place] = widened(halves.xy);
  tile[place + 1] = widened(halves.zw);
}
