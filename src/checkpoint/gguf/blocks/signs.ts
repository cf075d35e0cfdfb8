/** Signs of eight values that stand together in ggml's IQ2 and IQ3 kinds: a byte, 1 for minus, the first value lowest. */

/** Of seven bits: the eighth makes the number of minuses even. */
export const EVEN_SIGNS = Uint8Array.from({ length: 128 }, (_, seven) => {
  let parity = 0;
  for (let bits = seven; bits !== 0; bits >>= 1) parity ^= bits & 1;
  return seven | (parity << 7);
});

/** Writes `count` magnitudes from `from` on, times `step`, under the lowest of the signs. */
export function writeSigned(
  magnitudes: Int8Array,
  from: number,
  count: number,
  step: number,
  signs: number,
  out: Float32Array,
  start: number,
): void {
  for (let i = 0; i < count; i++) {
    out[start + i] = step * (magnitudes[from + i]! * (1 - 2 * ((signs >> i) & 1)));
  }
}
