/**
 * The synthetic checkpoint: real shapes, values that a formula gives, so that nothing large has to be stored or
 * downloaded. The twin of synthetic.py; README.md has the formula in words.
 */
import type { TensorStore } from '../src/checkpoint/tensors.js';
import type { WeightSource } from '../src/device/device.js';

/** Real checkpoints have a few residual channels far larger than the rest: so has this one. */
const OUTLIER_TENSOR = 'model.layers.2.mlp.down_proj.weight';
const OUTLIER_ROWS = [3, 100];
const OUTLIER_FACTOR = 64;

/** The projector's shape; the other tensors have whatever shape they are asked for in. */
const PROJECTOR = new Map([
  ['projector.0.weight', [512, 1024]],
  ['projector.2.weight', [512, 512]],
]);

export class SyntheticStore implements TensorStore {
  shape(name: string): readonly number[] | undefined {
    return PROJECTOR.get(name);
  }

  matrix(name: string, rows: number, columns: number): WeightSource {
    return {
      name,
      rows,
      columns,
      read: async (start, _count, into) => fill(name, columns, start * columns, into),
    };
  }

  async vector(name: string, length: number): Promise<Float32Array> {
    const values = new Float32Array(length);
    fill(name, length, 0, values);
    return values;
  }

  async close(): Promise<void> {}
}

/** Elements `start` to `start + into.length`, in row-major order, of a tensor whose rows have `columns` elements. */
export function fill(name: string, columns: number, start: number, into: Float32Array): void {
  const seed = seedOf(name);
  const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
  const isNorm = name.endsWith('norm.weight');
  const scale = name === 'model.embed_tokens.weight' ? 1 : Math.sqrt(3 / columns);
  for (let i = 0; i < into.length; i++) {
    const uniform = fmix32(start + i + seed) / 2 ** 31 - 1; // [-1, 1)
    into[i] = isNorm ? 1 + uniform / 2 : uniform * scale;
    if (name === OUTLIER_TENSOR && OUTLIER_ROWS.includes(Math.floor((start + i) / columns))) {
      into[i] = uniform * scale * OUTLIER_FACTOR;
    }
    bits[i] = toBFloat16(bits[i]!);
  }
}

/** Random words, which follow from a name: steps 1 to 3 of the formula. */
export function noise(name: string, count: number): Uint32Array<ArrayBuffer> {
  const seed = seedOf(name);
  return Uint32Array.from({ length: count }, (_, i) => fmix32(i + seed));
}

function seedOf(name: string): number {
  return Math.imul(fnv1a(name), 0x9e3779b9);
}

/** FNV-1a, 32 bit, of the text in UTF-8. */
function fnv1a(text: string): number {
  return new TextEncoder()
    .encode(text)
    .reduce((state, byte) => Math.imul(state ^ byte, 16777619), 2166136261);
}

/** The finaliser of MurmurHash3: every bit of the index reaches every bit of the result. */
function fmix32(index: number): number {
  let x = index | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The bits of a float rounded to the nearest bfloat16, ties to even. */
function toBFloat16(bits: number): number {
  return (bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000;
}
