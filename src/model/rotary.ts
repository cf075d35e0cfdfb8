/**
 * The angles of rotary position embeddings (RoPE, Su et al. 2021): element i of a head turns by
 * position · theta^(−2i / headDim).
 *
 * Computed in double precision here, once a request, rather than by a kernel: at position 131,071 a 32-bit angle
 * is off by thousandths of a radian, and WGSL promises sines only within [−π, π].
 *
 * Returns [count, headDim]: in each row the cosines of headDim/2 angles, then their sines.
 */
export function rotaryAngles(start: number, count: number, headDim: number, theta: number): Float32Array {
  const half = headDim / 2;
  const frequencies = Float64Array.from({ length: half }, (_, i) => theta ** ((-2 * i) / headDim));
  const table = new Float32Array(count * headDim);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < half; i++) {
      const angle = (start + row) * frequencies[i]!;
      table[row * headDim + i] = Math.cos(angle);
      table[row * headDim + half + i] = Math.sin(angle);
    }
  }
  return table;
}
