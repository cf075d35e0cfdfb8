/**
 * The end of a model that answers with a word: the logits of "yes" and "no" alone, of all the vocabulary's. They are two
 * rows of the language model's head, which is the embedding table where the two are tied.
 */
import type { TensorStore } from '../checkpoint/tensors.js';
import type { Device, Tensor, Weight, WeightSource } from '../device/device.js';
import { ListwiseError } from '../error.js';
import type { Qwen3Config } from './config.js';

/** Rows of a weight, as devices take them; those past the logits are zero. */
const OUTPUTS = 8;

export class AnswerHead {
  readonly #device: Device;
  readonly #weight: Weight; // [8, hidden]
  readonly #logits: number;

  private constructor(device: Device, weight: Weight, logits: number) {
    this.#device = device;
    this.#weight = weight;
    this.#logits = logits;
  }

  /** `words`: the ids of yes and no. It rests in f32 always: it is small, and the scores come out of it. */
  static async load(
    device: Device,
    tensors: TensorStore,
    config: Qwen3Config,
    words: readonly [number, number],
  ): Promise<AnswerHead> {
    const { source, rows } = headOf(tensors, config, words);
    return new AnswerHead(device, await device.weight(onlyRows(source, rows), 'f32'), rows.length);
  }

  /** Hidden states [rows, hidden] → the logits of yes and no, or their difference alone, as one array for each row. */
  async embed(hiddenStates: Tensor): Promise<Float32Array[]> {
    const { rows } = hiddenStates;
    const logits = this.#device.tensor(rows, OUTPUTS);
    try {
      const pass = this.#device.pass();
      pass.linear(hiddenStates, this.#weight, logits);
      await pass.submit();
      const values = await this.#device.read(logits);
      return Array.from({ length: rows }, (_, row) =>
        values.slice(row * OUTPUTS, row * OUTPUTS + this.#logits),
      );
    } finally {
      logits.free();
    }
  }
}

/**
 * Where the logits come from: a classifier of one row (transformers' Qwen3ForSequenceClassification), one of yes and no
 * (as GGUF files have it), or the head.
 */
function headOf(
  tensors: TensorStore,
  { hiddenSize, vocabularySize }: Qwen3Config,
  words: readonly [number, number],
): { source: WeightSource; rows: readonly number[] } {
  const classifier = tensors.shape('score.weight');
  if (classifier) {
    if (classifier[0] === 1) return { source: tensors.matrix('score.weight', 1, hiddenSize), rows: [0] };
    throw new ListwiseError('unsupported-model', `score.weight has ${classifier[0]} rows, expected 1.`, {
      hint: 'A reranker has one score for each text.',
    });
  }
  if (tensors.shape('cls.output.weight')) {
    return { source: tensors.matrix('cls.output.weight', 2, hiddenSize), rows: [0, 1] };
  }
  const name = tensors.shape('lm_head.weight') ? 'lm_head.weight' : 'model.embed_tokens.weight';
  return { source: tensors.matrix(name, vocabularySize, hiddenSize), rows: words };
}

/** Some rows of a matrix, and zeros. */
function onlyRows(source: WeightSource, rows: readonly number[]): WeightSource {
  const { columns } = source;
  return {
    name: source.name,
    rows: OUTPUTS,
    columns,
    async read(start, count, into) {
      into.fill(0);
      for (const [place, row] of rows.slice(start, start + count).entries()) {
        await source.read(row, 1, into.subarray(place * columns, (place + 1) * columns));
      }
    },
  };
}
