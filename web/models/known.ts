/** The models that this runtime was made for, known before the hub is asked for anything. */
import type { HubModelDescription } from 'listwise';

export interface KnownModel extends HubModelDescription {
  readonly name: string;
}

const BACKBONE = {
  model_type: 'qwen3',
  hidden_size: 1024,
  num_hidden_layers: 28,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  head_dim: 128,
  intermediate_size: 3072,
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
};

/** By the card that chooses each. Bytes are about: the exact number comes with the download. */
export const KNOWN: Readonly<Record<string, KnownModel>> = {
  jina: {
    name: 'jinaai/jina-reranker-v3',
    licence: 'cc-by-nc-4.0',
    bytes: 1_205_000_000,
    config: { ...BACKBONE, max_position_embeddings: 131_072, vocab_size: 151_936 },
  },
  qwen: {
    name: 'Qwen/Qwen3-Reranker-0.6B',
    licence: 'apache-2.0',
    bytes: 1_203_000_000,
    config: { ...BACKBONE, max_position_embeddings: 40_960, vocab_size: 151_669 },
  },
};

/** The card of a model of the hub: its own, or the one for all others. */
export function cardOf(name: string): string {
  return Object.keys(KNOWN).find((card) => KNOWN[card]!.name === name) ?? 'hub';
}
