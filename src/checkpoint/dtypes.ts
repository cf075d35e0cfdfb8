/** The dtypes in which checkpoints store tensors, and how each becomes f32. GGUF's quantised ones are in gguf/blocks/. */

/** Values rest in blocks, each of so many bytes. A block of F64, F32, F16 or BF16 is one value. */
export interface StoredDtype {
  readonly name: string;
  readonly blockValues: number;
  readonly blockBytes: number;
  /**
   * Decodes whole little-endian blocks into `out`, which says how many values. Returns false if one is a NaN or an
   * infinity. `bytes` starts at a multiple of eight in its buffer.
   */
  decode(bytes: Uint8Array, out: Float32Array): boolean;
}

/** Cast to f32: what lies beyond that is an infinity there. */
export const F64: StoredDtype = {
  name: 'F64',
  blockValues: 1,
  blockBytes: 8,
  decode(bytes, out) {
    out.set(new Float64Array(bytes.buffer, bytes.byteOffset, out.length));
    return out.every(Number.isFinite);
  },
};

export const F32: StoredDtype = {
  name: 'F32',
  blockValues: 1,
  blockBytes: 4,
  decode(bytes, out) {
    const words = new Uint32Array(out.buffer, out.byteOffset, out.length);
    words.set(new Uint32Array(bytes.buffer, bytes.byteOffset, out.length));
    let finite = true;
    for (let i = 0; i < words.length; i++) finite &&= (words[i]! & 0x7f800000) !== 0x7f800000;
    return finite;
  },
};

/** A bfloat16 is the upper half of a float. */
export const BF16: StoredDtype = {
  name: 'BF16',
  blockValues: 1,
  blockBytes: 2,
  decode(bytes, out) {
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, out.length);
    const words = new Uint32Array(out.buffer, out.byteOffset, out.length);
    let finite = true;
    for (let i = 0; i < halves.length; i++) {
      const half = halves[i]!;
      words[i] = half << 16;
      finite &&= (half & 0x7f80) !== 0x7f80;
    }
    return finite;
  },
};

/**
 * The bits of an f16 in the places that f32 has for sign, exponent and fraction are a float that is 2¹¹² too small, as
 * f32 counts exponents from −127 and f16 from −15: true of subnormals, too.
 */
export const F16: StoredDtype = {
  name: 'F16',
  blockValues: 1,
  blockBytes: 2,
  decode(bytes, out) {
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, out.length);
    const words = new Uint32Array(out.buffer, out.byteOffset, out.length);
    let finite = true;
    for (let i = 0; i < halves.length; i++) {
      const half = halves[i]!;
      words[i] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13);
      finite &&= (half & 0x7c00) !== 0x7c00;
    }
    for (let i = 0; i < out.length; i++) out[i]! *= 2 ** 112;
    return finite;
  },
};
