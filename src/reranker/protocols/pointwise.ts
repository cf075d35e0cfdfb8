/**
 * Qwen3-Reranker's protocol: a prompt for each document, which asks whether it answers the query; the score is how
 * probable "yes" is against "no" (Zhang et al. 2025, arXiv 2506.05176, and the model's card).
 */
import type { TensorStore } from '../../checkpoint/tensors.js';
import type { Device } from '../../device/device.js';
import { ListwiseError } from '../../error.js';
import { AnswerHead } from '../../model/answer-head.js';
import type { Qwen3Config } from '../../model/config.js';
import type { RunOptions } from '../../model/run.js';
import type { EmbeddedBlocks } from '../embed-blocks.js';
import { bytesOfEach, embedEach } from '../embed-each.js';
import type { Engine } from '../engine.js';
import type { RerankRequest } from '../options.js';
import { headOf, type Prompt, PromptBuilder, promptLength } from '../prompt.js';
import type { Steps } from '../steps.js';
import type { PromptTemplate } from '../template.js';
import type { Tokenizer } from '../tokenizer.js';
import type { Protocol, Readout } from './protocol.js';

/** Tokens of a prompt, where the request does not say how long a document may be: as in the card's code. */
const USUAL_CONTEXT = 8192;

export class Pointwise implements Protocol {
  readonly scale = 'probability';
  readonly limits = { document: USUAL_CONTEXT, query: USUAL_CONTEXT / 2 };
  readonly continues = false;
  readonly head: readonly number[];
  readonly #tokenizer: Tokenizer;
  readonly #template: PromptTemplate;

  constructor(tokenizer: Tokenizer, template: PromptTemplate) {
    this.#tokenizer = tokenizer;
    this.#template = template;
    this.head = headOf(tokenizer, template);
  }

  *prompts(request: RerankRequest, positions: number): Steps<Prompt[]> {
    refuseEmbeddings(request);
    const { query, documents, instruction, released, keepTags, truncate, maxDocumentLength } = request;
    const builder = new PromptBuilder(this.#tokenizer, { template: this.#template, released, keepTags });
    const cutQuery = yield* builder.truncate(query, request.maxQueryLength, truncate);
    const build = (document: string) =>
      builder.build({ query: cutQuery.text, documents: [document], instruction });
    const frame = promptLength(yield* build(''));
    const wanted = maxDocumentLength > USUAL_CONTEXT ? frame + maxDocumentLength : USUAL_CONTEXT;
    const context = Math.min(this.#tokenizer.maxLength, positions, wanted);
    const room = Math.max(1, Math.min(maxDocumentLength, context - frame));
    const prompts: Prompt[] = [];
    for (const document of documents) {
      let prompt = yield* build((yield* builder.truncate(document, room, truncate)).text);
      // A text that was cut within a character may have a token more when it is read again.
      const excess = promptLength(prompt) - context;
      if (excess > 0 && excess < room) {
        prompt = yield* build((yield* builder.truncate(document, room - excess, truncate)).text);
      }
      prompts.push(prompt);
    }
    return prompts;
  }

  /** The two words whose logits are the answer, where the checkpoint has no head of its own for them. */
  loadReadout(device: Device, tensors: TensorStore, config: Qwen3Config): Promise<Readout> {
    const [yes, no] = ['yes', 'no'].map((word) => this.#tokenizer.encodePlain(word)[0]!);
    return AnswerHead.load(device, tensors, config, [yes!, no!]);
  }

  run(engine: Engine, prompts: readonly Prompt[], options: RunOptions): Promise<EmbeddedBlocks> {
    return embedEach(engine, prompts, options);
  }

  bytes(device: Device, config: Qwen3Config, prompts: readonly Prompt[]): number {
    return bytesOfEach(device, config, prompts, this.head.length);
  }

  scores(read: readonly (readonly Float32Array[])[]): number[] {
    return read.map(([logits]) => probabilityOf(logits!));
  }
}

/** Of yes, by the logits of yes and no, or by their difference. */
function probabilityOf([yes, no = 0]: Float32Array | readonly number[]): number {
  return Math.fround(1 / (1 + Math.exp(no - yes!)));
}

function refuseEmbeddings({ diversity, returnEmbeddings }: RerankRequest): void {
  if (diversity === undefined && !returnEmbeddings) return;
  const asked = diversity === undefined ? 'returnEmbeddings' : 'diversity';
  throw new ListwiseError(
    'invalid-input',
    `This model reads each document by itself and makes no embeddings, which ${asked} needs.`,
    {
      hint: 'A model like jina-reranker-v3 makes them.',
    },
  );
}
