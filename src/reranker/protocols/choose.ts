/** Which protocol a checkpoint is for. */
import type { Checkpoint } from '../../checkpoint/checkpoint.js';
import { ListwiseError } from '../../error.js';
import { PromptTemplate } from '../template.js';
import type { Tokenizer } from '../tokenizer.js';
import { Listwise } from './listwise.js';
import { Pointwise } from './pointwise.js';
import type { Protocol } from './protocol.js';

/** Protocols, by the models that brought them. */
export const PROTOCOLS = ['jina-reranker-v3', 'qwen3-reranker'] as const;

/** How a model is asked: see `PROTOCOLS`. */
export type ProtocolName = (typeof PROTOCOLS)[number];

/** The one that is asked for, or the checkpoint's own. Throws `invalid-input`, and what protocols throw. */
export function protocolOf(checkpoint: Checkpoint, tokenizer: Tokenizer, wanted?: ProtocolName): Protocol {
  const name = wanted ?? nameOf(checkpoint);
  switch (name) {
    case 'jina-reranker-v3':
      return new Listwise(tokenizer, PromptTemplate.of(checkpoint, 'markers'));
    case 'qwen3-reranker':
      return new Pointwise(tokenizer, PromptTemplate.of(checkpoint, 'end'));
    default:
      throw new ListwiseError('invalid-input', `There is no protocol "${name satisfies never}".`, {
        hint: `Protocols are ${PROTOCOLS.join(' and ')}.`,
      });
  }
}

/** Architectures of config.json whose answer is a word, or one number. */
const POINTWISE: readonly unknown[] = ['Qwen3ForCausalLM', 'Qwen3ForSequenceClassification'];

/** A projector tells a listwise reranker; a head of its own, or its architecture, one that answers with a word. */
function nameOf({ config, tensors }: Checkpoint): ProtocolName {
  if (tensors.shape('projector.0.weight')) return 'jina-reranker-v3';
  const { architectures } = config;
  const answers = Array.isArray(architectures) && architectures.some((name) => POINTWISE.includes(name));
  const hasHead = ['score.weight', 'cls.output.weight'].some((name) => tensors.shape(name));
  return answers || hasHead ? 'qwen3-reranker' : 'jina-reranker-v3';
}
