/** A checkpoint of a few kilobytes a layer with random weights: whole, in memory or in a folder, and easily broken. */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { MemorySource } from '../../src/checkpoint/memory-source.js';
import { openSafetensors } from '../../src/checkpoint/safetensors.js';
import { random } from './random.js';
import { bf16, type StoredTensor, type StoredTensors, writeSafetensors } from './safetensors-writer.js';
import { EMBEDDED_VOCABULARY, embeddedTokenizerFiles } from './tokenizers.js';

/** Two layers, as wide as every device's kernels take them; the vocabulary is the embedded tokenizer's. */
export const TINY_CONFIG = {
  model_type: 'qwen3',
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 32,
  intermediate_size: 64,
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  max_position_embeddings: 8192,
  vocab_size: EMBEDDED_VOCABULARY,
} as const;

/** A new object each time, to change as a test likes; the bytes are the same. */
export function tinyTensors(): Record<string, StoredTensor> {
  tensorsMadeOnce ??= makeTensors();
  return { ...tensorsMadeOnce };
}

let tensorsMadeOnce: StoredTensors | undefined;

function makeTensors(): StoredTensors {
  const { next } = random(7);
  const matrix = (rows: number, columns: number) => {
    const range = Math.sqrt(3 / columns); // variance 1 / columns
    return bf16(
      [rows, columns],
      Float32Array.from({ length: rows * columns }, () => (2 * next() - 1) * range),
    );
  };
  const norm = (length: number) =>
    bf16(
      [length],
      Float32Array.from({ length }, () => 0.5 + next()),
    );
  const tensors: Record<string, StoredTensor> = {
    'model.embed_tokens.weight': matrix(TINY_CONFIG.vocab_size, 64),
  };
  for (let layer = 0; layer < TINY_CONFIG.num_hidden_layers; layer++) {
    const name = `model.layers.${layer}`;
    tensors[`${name}.input_layernorm.weight`] = norm(64);
    tensors[`${name}.self_attn.q_proj.weight`] = matrix(64, 64);
    tensors[`${name}.self_attn.k_proj.weight`] = matrix(32, 64);
    tensors[`${name}.self_attn.v_proj.weight`] = matrix(32, 64);
    tensors[`${name}.self_attn.o_proj.weight`] = matrix(64, 64);
    tensors[`${name}.self_attn.q_norm.weight`] = norm(32);
    tensors[`${name}.self_attn.k_norm.weight`] = norm(32);
    tensors[`${name}.post_attention_layernorm.weight`] = norm(64);
    tensors[`${name}.mlp.gate_proj.weight`] = matrix(64, 64);
    tensors[`${name}.mlp.up_proj.weight`] = matrix(64, 64);
    tensors[`${name}.mlp.down_proj.weight`] = matrix(64, 64);
  }
  tensors['model.norm.weight'] = norm(64);
  tensors['projector.0.weight'] = matrix(32, 64);
  tensors['projector.2.weight'] = matrix(32, 32);
  return tensors;
}

/** The same backbone as Qwen3-Reranker has it: tied to its embeddings, without a projector. */
export function pointwiseParts(): TinyParts {
  const { 'projector.0.weight': _first, 'projector.2.weight': _second, ...tensors } = tinyTensors();
  return {
    config: { ...TINY_CONFIG, architectures: ['Qwen3ForCausalLM'], tie_word_embeddings: true },
    tensors,
  };
}

export interface TinyParts {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly tensors?: StoredTensors;
}

export async function tinyCheckpoint({
  config = TINY_CONFIG,
  tensors = tinyTensors(),
}: TinyParts = {}): Promise<Checkpoint> {
  const source = new MemorySource('tiny', writeSafetensors(tensors));
  return {
    name: 'tiny',
    config,
    ...embeddedTokenizerFiles(),
    tensors: await openSafetensors([source]),
  };
}

/** An empty folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'listwise-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The same checkpoint as a folder. */
export async function tinyFolder({
  config = TINY_CONFIG,
  tensors = tinyTensors(),
}: TinyParts = {}): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    await copyFile(new URL(`../../weights/${file}`, import.meta.url), join(folder, file));
  }
  await writeFile(join(folder, 'model.safetensors'), writeSafetensors(tensors));
  return folder;
}
