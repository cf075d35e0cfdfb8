/**
 * The synthetic checkpoint with another share of the work between norms and matrices: each channel of a norm is divided
 * by some factor, and the column that reads it multiplied. The model is the same, so PyTorch's values hold for it, but a
 * row's weights are of very different sizes, as after training.
 */
import type { TensorStore } from '../src/checkpoint/tensors.js';
import type { WeightSource } from '../src/device/device.js';
import { fill, SyntheticStore } from './synthetic.js';

/** Matrices by the norm that feeds them. */
const FED = [
  [/self_attn\.[qkv]_proj\.weight$/, 'input_layernorm.weight'],
  [/mlp\.(gate|up)_proj\.weight$/, 'post_attention_layernorm.weight'],
] as const;

export class NormScaledStore extends SyntheticStore implements TensorStore {
  override matrix(name: string, rows: number, columns: number): WeightSource {
    const source = super.matrix(name, rows, columns);
    const norm = normOf(name);
    if (!norm) return source;
    const factors = factorsOf(norm, columns);
    return {
      ...source,
      read: async (start, count, into) => {
        await source.read(start, count, into);
        for (let i = 0; i < into.length; i++) into[i] = into[i]! * factors[i % columns]!;
      },
    };
  }

  override async vector(name: string, length: number): Promise<Float32Array> {
    const values = await super.vector(name, length);
    if (!FED.some(([, norm]) => name.endsWith(norm))) return values;
    const factors = factorsOf(name, length);
    return values.map((value, i) => value / factors[i]!);
  }
}

function normOf(name: string): string | undefined {
  const [matrix, norm] = FED.find(([pattern]) => pattern.test(name)) ?? [];
  return matrix && name.replace(matrix, norm!);
}

/** From an eighth to eight, evenly by their logarithm. */
function factorsOf(norm: string, length: number): Float32Array {
  const values = new Float32Array(length);
  fill(`${norm} factors`, 3, 0, values); // √(3 / 3) · [-1, 1)
  return values.map((value) => 2 ** (3 * value));
}
