/** The model that this runtime was made for, known before the hub is asked for anything. */

export const JINA = {
  name: 'jinaai/jina-reranker-v3',
  licence: 'cc-by-nc-4.0',
  /** About: the exact number comes with the download. */
  bytes: 1_205_000_000,
  config: {
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
  },
} as const;
