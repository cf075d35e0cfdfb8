/**
 * jina-reranker-v3's protocol: a query and all documents in one prompt, an embedding read at each document's marker and
 * at the query's, cosines as scores ("last but not late interaction", Wang et al. 2025, arXiv 2509.25085).
 */
import type { TensorStore } from '../../checkpoint/tensors.js';
import type { Device } from '../../device/device.js';
import type { Qwen3Config } from '../../model/config.js';
import { forwardBytes } from '../../model/memory-plan.js';
import { Projector } from '../../model/projector.js';
import type { RunOptions } from '../../model/run.js';
import { buildPrompts } from '../blocks.js';
import { type EmbeddedBlocks, embedBlocks } from '../embed-blocks.js';
import type { Engine } from '../engine.js';
import { LISTWISE_LIMITS, type RerankRequest } from '../options.js';
import { headOf, markersOf, type Prompt, promptLength } from '../prompt.js';
import { scoreDocuments } from '../scores.js';
import type { Steps } from '../steps.js';
import type { PromptTemplate } from '../template.js';
import type { Tokenizer } from '../tokenizer.js';
import type { Protocol, Readout } from './protocol.js';

export class Listwise implements Protocol {
  readonly scale = 'cosine';
  readonly limits = LISTWISE_LIMITS;
  readonly continues = true;
  readonly head: readonly number[];
  readonly #tokenizer: Tokenizer;
  readonly #template: PromptTemplate;

  /** Throws `checkpoint-corrupt` for a template that is not usable, `checkpoint-mismatch` where the markers are missing. */
  constructor(tokenizer: Tokenizer, template: PromptTemplate) {
    this.#tokenizer = tokenizer;
    this.#template = template;
    this.head = headOf(tokenizer, template);
  }

  prompts(request: RerankRequest, positions: number): Steps<Prompt[]> {
    const context = Math.min(this.#tokenizer.maxLength, positions);
    return buildPrompts(this.#tokenizer, request, context, this.#template);
  }

  loadReadout(device: Device, tensors: TensorStore, { hiddenSize }: Qwen3Config): Promise<Readout> {
    return Projector.load(device, tensors, hiddenSize);
  }

  run(engine: Engine, prompts: readonly Prompt[], options: RunOptions): Promise<EmbeddedBlocks> {
    return embedBlocks(engine, prompts, options);
  }

  bytes(device: Device, config: Qwen3Config, prompts: readonly Prompt[]): number {
    const bytes = prompts.map((prompt) =>
      forwardBytes(device, config, promptLength(prompt), markersOf(prompt).length),
    );
    return Math.max(0, ...bytes);
  }

  scores(read: readonly (readonly Float32Array[])[]): number[] {
    if (read.length === 0) return [];
    return scoreDocuments(read.map((rows) => ({ documents: rows.slice(0, -1), query: rows.at(-1)! })));
  }
}
