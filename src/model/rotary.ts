/**
 * The angles of rotary position embeddings (RoPE, Su et al. 2021): element i of a head turns by
 * position · theta^(−2i / headDim).
 *
 * Computed in double precision here rather than by a kernel: at position 131,071 a 32-bit angle is off by thousandths
 * of a radian, and WGSL promises sines only within [−π, π]. Every prompt begins at position 0, so those of the first
 * positions are kept.
 */

/** Positions whose angles are kept, once computed: 8 MiB for heads of 128. */
const KEPT = 16_384;

export class RotaryAngles {
  readonly #headDim: number;
  readonly #theta: number;
  #kept = new Float32Array(0); // [positions, headDim]

  constructor({ headDim, ropeTheta }: { readonly headDim: number; readonly ropeTheta: number }) {
    this.#headDim = headDim;
    this.#theta = ropeTheta;
  }

  /** Those of `count` positions from `start` on: [count, headDim], in each row the cosines, then the sines. */
  at(start: number, count: number): Float32Array {
    const end = start + count;
    if (end > KEPT) return this.#compute(start, count);
    const kept = this.#kept.length / this.#headDim;
    if (kept < end) {
      const longer = new Float32Array(Math.min(KEPT, Math.max(end, 2 * kept)) * this.#headDim);
      longer.set(this.#kept);
      longer.set(this.#compute(kept, longer.length / this.#headDim - kept), this.#kept.length);
      this.#kept = longer;
    }
    return this.#kept.subarray(start * this.#headDim, end * this.#headDim);
  }

  #compute(start: number, count: number): Float32Array {
    const half = this.#headDim / 2;
    const frequencies = Float64Array.from(
      { length: half },
      (_, i) => this.#theta ** ((-2 * i) / this.#headDim),
    );
    const table = new Float32Array(count * this.#headDim);
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < half; i++) {
        const angle = (start + row) * frequencies[i]!;
        table[row * this.#headDim + i] = Math.cos(angle);
        table[row * this.#headDim + half + i] = Math.sin(angle);
      }
    }
    return table;
  }
}
