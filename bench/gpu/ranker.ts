/** The way from texts to scores on a device that is given: what Reranker does on one that it opens itself. */
import { FULL } from '../../golden/measure.js';
import { SyntheticStore } from '../../golden/synthetic.js';
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { openModel } from '../../src/checkpoint/open.js';
import type { Device, WeightSource } from '../../src/device/device.js';
import type { WeightDtype } from '../../src/device/dtype.js';
import { parseConfig } from '../../src/model/config.js';
import { Projector } from '../../src/model/projector.js';
import { Qwen3 } from '../../src/model/qwen3.js';
import { buildPrompts } from '../../src/reranker/blocks.js';
import { checkRequest, LISTWISE_LIMITS, type RerankOptions } from '../../src/reranker/options.js';
import { promptLength } from '../../src/reranker/prompt.js';
import { type BlockEmbeddings, scoreDocuments } from '../../src/reranker/scores.js';
import { finish } from '../../src/reranker/steps.js';
import { Tokenizer } from '../../src/reranker/tokenizer.js';

export class Ranker {
  readonly backbone: Qwen3;
  readonly projector: Projector;
  readonly #tokenizer: Tokenizer;

  private constructor(backbone: Qwen3, projector: Projector, tokenizer: Tokenizer) {
    this.backbone = backbone;
    this.projector = projector;
    this.#tokenizer = tokenizer;
  }

  static async load(device: Device, checkpoint: Checkpoint, dtype: WeightDtype): Promise<Ranker> {
    const config = parseConfig(checkpoint.config);
    const backbone = await Qwen3.load(device, checkpoint.tensors, config, dtype);
    const projector = await Projector.load(device, checkpoint.tensors, config.hiddenSize);
    return new Ranker(backbone, projector, new Tokenizer(checkpoint));
  }

  /** Scores in the documents' order, and how many tokens were run for them. */
  async rank(query: string, documents: readonly string[], options: RerankOptions = {}) {
    const request = checkRequest(query, documents, options, LISTWISE_LIMITS);
    const prompts = finish(buildPrompts(this.#tokenizer, request, this.backbone.config.maxPositions));
    const blocks: BlockEmbeddings[] = [];
    for (const prompt of prompts) {
      const ids = prompt.ids.slice(0, promptLength(prompt));
      const rows = [...prompt.documentPositions, prompt.queryPosition];
      const embeddings = await this.backbone.run([{ ids, rows }], (hidden) => this.projector.embed(hidden));
      blocks.push({ documents: embeddings.slice(0, -1), query: embeddings.at(-1)! });
    }
    const tokens = prompts.reduce((sum, prompt) => sum + promptLength(prompt), 0);
    return { scores: scoreDocuments(blocks), tokens };
  }
}

/** The full shape with synthetic weights; its tokenizer is the embedded model's, so that it takes texts. */
export async function syntheticCheckpoint(layers: number): Promise<Checkpoint> {
  return {
    ...(await openModel()),
    name: 'synthetic',
    config: { ...FULL.config, num_hidden_layers: layers },
    tensors: new RememberingStore(),
  };
}

/** A checkpoint's file is in memory once it was read; the formula would be computed anew in each forward pass. */
class RememberingStore extends SyntheticStore {
  override matrix(name: string, rows: number, columns: number): WeightSource {
    const source = super.matrix(name, rows, columns);
    if (name !== 'model.embed_tokens.weight') return source;
    const known = new Map<number, Float32Array>();
    return {
      ...source,
      async read(row, count, into) {
        const values = known.get(row);
        if (values) return into.set(values);
        await source.read(row, count, into);
        known.set(row, into.slice());
      },
    };
  }
}
