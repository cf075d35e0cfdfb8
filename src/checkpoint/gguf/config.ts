/** The metadata of a GGUF file as the config.json it was converted from. */
import { ListwiseError } from '../../error.js';
import type { Metadata, MetadataValue } from './header.js';

/** Keys under these say what is computed: one that is not known here would change the numbers. */
const SAYS_WHAT_IS_COMPUTED = /^qwen3\.(attention|rope)\./;
const KNOWN: ReadonlySet<string> = new Set([
  'qwen3.attention.head_count',
  'qwen3.attention.head_count_kv',
  'qwen3.attention.key_length',
  'qwen3.attention.value_length',
  'qwen3.attention.layer_norm_rms_epsilon',
  'qwen3.attention.causal',
  'qwen3.attention.sliding_window',
  'qwen3.attention.sliding_window_pattern',
  'qwen3.rope.freq_base',
  'qwen3.rope.dimension_count',
  'qwen3.rope.scaling.type',
  'qwen3.rope.scaling.factor',
  'qwen3.rope.scaling.attn_factor',
  'qwen3.rope.scaling.original_context_length', // counts for YaRN only
  'qwen3.rope.scaling.finetuned', // says what was done
  'qwen3.rope.scale_linear',
]);

/**
 * A config.json as `parseConfig` takes it; what depends on values is checked there. The file has no vocabulary size of
 * its own: it is the number of the embedding table's rows. Throws `checkpoint-mismatch` for missing keys,
 * `unsupported-model` for what is not computed.
 */
export function configFromMetadata(
  metadata: Metadata,
  vocabularySize: number | undefined,
): Record<string, unknown> {
  checkComputed(metadata);
  const number = (key: string) => required(metadata, `qwen3.${key}`);
  return {
    model_type: 'qwen3',
    num_hidden_layers: number('block_count'),
    hidden_size: number('embedding_length'),
    num_attention_heads: number('attention.head_count'),
    num_key_value_heads: number('attention.head_count_kv'),
    head_dim: number('attention.key_length'),
    intermediate_size: number('feed_forward_length'),
    max_position_embeddings: number('context_length'),
    rms_norm_eps: decimal(number('attention.layer_norm_rms_epsilon')),
    rope_theta: decimal(number('rope.freq_base')),
    vocab_size: vocabularySize,
    ...slidingWindow(metadata),
  };
}

/** Checks that a key has one of some values, the last of which is named if it has not. */
type Expect = (key: string, ...values: readonly (MetadataValue | undefined)[]) => void;

function checkComputed(metadata: Metadata): void {
  const expect: Expect = (key, ...values) => {
    const value = metadata.get(key);
    if (values.includes(value)) return;
    throw unsupported(`${key} is ${show(value)}, expected ${show(values.at(-1))}`);
  };
  const headDim = metadata.get('qwen3.attention.key_length');
  expect('qwen3.attention.value_length', undefined, headDim);
  expect('qwen3.rope.dimension_count', undefined, headDim);
  expect('qwen3.attention.causal', undefined, true);
  expectNoScaling(metadata, expect);
  for (const [key, value] of metadata) {
    if (!SAYS_WHAT_IS_COMPUTED.test(key) || KNOWN.has(key)) continue;
    throw unsupported(`${key} is ${show(value)}, which asks for something that is not computed`);
  }
}

/** As llama.cpp reads them: without a type the factor is linear, and 0 stands for 1. */
function expectNoScaling(metadata: Metadata, expect: Expect): void {
  expect('qwen3.rope.scaling.type', undefined, 'linear', 'none');
  expect('qwen3.rope.scaling.attn_factor', undefined, 1);
  if (metadata.get('qwen3.rope.scaling.type') === 'none') return;
  expect('qwen3.rope.scaling.factor', undefined, 0, 1);
  expect('qwen3.rope.scale_linear', undefined, 0, 1); // its older name
}

/** A window counts for the layers where the pattern, a list with an entry for each, says so. */
function slidingWindow(metadata: Metadata): Record<string, unknown> {
  const window = metadata.get('qwen3.attention.sliding_window') ?? 0;
  if (window === 0) return {};
  const pattern = metadata.get('qwen3.attention.sliding_window_pattern');
  if (!Array.isArray(pattern) || pattern.some((slides) => typeof slides !== 'boolean')) {
    throw unsupported(`qwen3.attention.sliding_window is ${show(window)}, but no list says in which layers`);
  }
  return {
    sliding_window: window,
    layer_types: pattern.map((slides) => (slides ? 'sliding_attention' : 'full_attention')),
  };
}

function required(metadata: Metadata, key: string): number {
  const value = metadata.get(key);
  if (typeof value === 'number') return value;
  const what = `${key} is ${show(value)}, expected a number`;
  throw new ListwiseError('checkpoint-mismatch', `The GGUF metadata: ${what}.`);
}

/** Lists may be as long as the file. */
function show(value: MetadataValue | undefined): string {
  if (value === undefined) return 'missing';
  return typeof value === 'object' ? 'a list' : JSON.stringify(value);
}

/** The shortest decimal that rounds to this f32: the 1e-6 that config.json had, not 9.999999974752427e-7. */
function decimal(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return value;
}

function unsupported(what: string): ListwiseError {
  return new ListwiseError('unsupported-model', `The GGUF metadata: ${what}.`, {
    hint: 'listwise runs jina-reranker-v3 and models of the same architecture.',
  });
}
