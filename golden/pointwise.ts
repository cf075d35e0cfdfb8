/** Cases of Qwen3-Reranker's protocol: what pointwise.py wrote, and the synthetic checkpoint that it ran. */
import type { Checkpoint } from '../src/checkpoint/checkpoint.js';
import { SyntheticStore } from './synthetic.js';
import { goldenJson } from './values.js';

type Json = Readonly<Record<string, unknown>>;

export interface PointwiseCase {
  readonly name: string;
  readonly config: Json;
  readonly query: string;
  readonly instruction: string | null;
  readonly documents: readonly string[];
  /** Of each document's prompt. */
  readonly ids: readonly (readonly number[])[];
}

export const POINTWISE_CASES = goldenJson<{ cases: PointwiseCase[] }>('pointwise.json').cases;

/** The synthetic checkpoint with the head that a config asks for: tied, untied, or a classifier of one row. */
class PointwiseStore extends SyntheticStore {
  readonly #shapes: ReadonlyMap<string, readonly number[]>;

  constructor({ vocab_size, hidden_size, tie_word_embeddings, architectures }: Json) {
    super();
    const isClassifier = String(architectures) === 'Qwen3ForSequenceClassification';
    const head = [Number(vocab_size), Number(hidden_size)];
    const shapes = new Map([['model.embed_tokens.weight', head]]);
    if (isClassifier) shapes.set('score.weight', [1, Number(hidden_size)]);
    else if (!tie_word_embeddings) shapes.set('lm_head.weight', head);
    this.#shapes = shapes;
  }

  override shape(name: string): readonly number[] | undefined {
    return this.#shapes.get(name);
  }
}

export function pointwiseCheckpoint(
  { name, config }: PointwiseCase,
  tokenizer: Pick<Checkpoint, 'tokenizer' | 'tokenizerConfig'>,
): Checkpoint {
  return { name, config, ...tokenizer, tensors: new PointwiseStore(config) };
}
