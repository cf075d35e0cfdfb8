/** The tensors of a GGUF file under the names that Hugging Face checkpoints give them. */
import { ListwiseError } from '../../error.js';
import type { TensorEntry } from '../tensors.js';
import type { GgufHeader } from './header.js';

/** The one whose tensors are read: it stores its rows as Hugging Face does, where others permute them. */
const ARCHITECTURE = 'qwen3';

const WHOLE: Readonly<Record<string, string>> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'cls.output.weight': 'cls.output.weight', // of yes and no, where the model answers with them
};

/** Of `blk.N.`, which becomes `model.layers.N.`. */
const IN_LAYER: Readonly<Record<string, string>> = {
  'attn_norm.weight': 'input_layernorm.weight',
  'attn_q.weight': 'self_attn.q_proj.weight',
  'attn_k.weight': 'self_attn.k_proj.weight',
  'attn_v.weight': 'self_attn.v_proj.weight',
  'attn_q_norm.weight': 'self_attn.q_norm.weight',
  'attn_k_norm.weight': 'self_attn.k_norm.weight',
  'attn_output.weight': 'self_attn.o_proj.weight',
  'ffn_norm.weight': 'post_attention_layernorm.weight',
  'ffn_gate.weight': 'mlp.gate_proj.weight',
  'ffn_up.weight': 'mlp.up_proj.weight',
  'ffn_down.weight': 'mlp.down_proj.weight',
};

/** The language model's head, which a reranker has no use for. */
const SKIPPED = 'output.weight';

/**
 * Throws `unsupported-model` for another architecture, and for a tensor that this one has no use for, such as a bias:
 * leaving it out would change the numbers.
 */
export function huggingFaceNames(
  { metadata, tensors }: GgufHeader,
  fileName: string,
): Map<string, TensorEntry> {
  const unsupported = (what: string) =>
    new ListwiseError('unsupported-model', `${fileName} ${what}.`, {
      hint: 'listwise runs jina-reranker-v3, Qwen3-Reranker, and models of their architecture.',
    });
  const architecture = metadata.get('general.architecture');
  if (architecture !== ARCHITECTURE) {
    throw unsupported(`has the architecture ${JSON.stringify(architecture)}, expected "${ARCHITECTURE}"`);
  }
  const renamed = new Map<string, TensorEntry>();
  for (const [name, entry] of tensors) {
    if (name === SKIPPED) continue;
    const newName = huggingFaceName(name);
    if (newName === undefined) {
      throw unsupported(`holds the tensor ${JSON.stringify(name)}, which is not computed with`);
    }
    renamed.set(newName, entry);
  }
  return renamed;
}

function huggingFaceName(name: string): string | undefined {
  if (Object.hasOwn(WHOLE, name)) return WHOLE[name];
  const [, layer, rest] = /^blk\.(0|[1-9]\d*)\.(.+)$/.exec(name) ?? [];
  if (layer === undefined || rest === undefined || !Object.hasOwn(IN_LAYER, rest)) return undefined;
  return `model.layers.${layer}.${IN_LAYER[rest]}`;
}
