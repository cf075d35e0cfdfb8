/** What a model takes on a device, told by its config.json alone. */
import { withoutQuantization } from '../checkpoint/mlx.js';
import type { WeightDtype } from '../device/dtype.js';
import { parseConfig, type Qwen3Config } from './config.js';
import { dtypeOf } from './weights.js';

/** How a weight rests on every device: blocks of 32 have a scale of 4 bytes, which in q4 holds the zero point, too. */
const BYTES: Readonly<Record<WeightDtype, number>> = { f32: 4, f16: 2, bf16: 2, q8: 36 / 32, q4: 20 / 32 };

/**
 * Bytes of the weights on a device, but for the projector's, a few megabytes, and what a device rounds up. Embeddings
 * stay where the checkpoint lies. What requests take beside them `Reranker.plan` tells. Throws `checkpoint-mismatch`,
 * `unsupported-model`.
 */
export function modelBytes(config: Readonly<Record<string, unknown>>, dtype: WeightDtype): number {
  const checked = parseConfig(withoutQuantization(config).config);
  const matrices = matrixWeights(checked);
  const norms = 2 * checked.hiddenSize + 2 * checked.headDim;
  let bytes = 4 * checked.hiddenSize; // of the last norm
  for (let layer = 0; layer < checked.layers; layer++) {
    bytes += matrices * BYTES[dtypeOf(layer, checked.layers, dtype)] + 4 * norms;
  }
  return bytes;
}

/** Of one layer. */
function matrixWeights({ hiddenSize, heads, kvHeads, headDim, intermediateSize }: Qwen3Config): number {
  const attention = (2 * heads + 2 * kvHeads) * headDim * hiddenSize;
  return attention + 3 * hiddenSize * intermediateSize;
}
