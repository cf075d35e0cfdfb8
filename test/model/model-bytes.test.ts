import { expect, test } from 'vitest';
import type { WeightDtype } from '../../src/device/dtype.js';
import { modelBytes } from '../../src/model/model-bytes.js';

/** config.json of jina-reranker-v3, as far as it counts here. */
const CONFIG = {
  model_type: 'qwen3',
  hidden_size: 1024,
  num_hidden_layers: 28,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  head_dim: 128,
  intermediate_size: 3072,
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  max_position_embeddings: 131_072,
  vocab_size: 151_936,
};

test.each<[WeightDtype, number]>([
  ['f32', 1680],
  ['f16', 840],
  ['bf16', 840],
  ['q8', 473],
  ['q4', 285],
])("the full shape's weights take in %s the mebibytes that were measured: %i", (dtype, mebibytes) => {
  expect(Math.round(modelBytes(CONFIG, dtype) / 2 ** 20)).toBe(mebibytes);
});

test('a checkpoint that rests quantised takes as much on a device as any', () => {
  const quantized = { ...CONFIG, quantization: { bits: 4, group_size: 64 } };
  expect(modelBytes(quantized, 'q8')).toBe(modelBytes(CONFIG, 'q8'));
});

test('a model of another architecture is told from its config alone', () => {
  expect(() => modelBytes({ ...CONFIG, model_type: 'bert' }, 'q8')).toThrow(/model_type is "bert"/);
});
