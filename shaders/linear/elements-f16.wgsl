// What linear/matrix.wgsl multiplies: matrices of f16.

alias Element = f16;

const VECTORS: u32 = 1; // of 16 bytes, that eight elements take

/// Brings eight neighbouring inputs, of a row of x or of an output after them, into workgroup memory.
fn stage(row: u32, eighth: u32, halves: vec4u) {
  tile[row * PITCH + eighth] = halves;
}
