/// <reference lib="esnext.disposable" preserve="true" />
/** What a user asks for: load a model, rank documents. */
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { openModel } from '../checkpoint/open.js';
import { openDevice } from '../device/choose.js';
import type { Device, DeviceKind } from '../device/device.js';
import { WEIGHT_DTYPES, type WeightDtype } from '../device/dtype.js';
import { ListwiseError } from '../error.js';
import { parseConfig } from '../model/config.js';
import { Projector } from '../model/projector.js';
import { Qwen3 } from '../model/qwen3.js';
import { buildPrompts } from './blocks.js';
import { checkRequest, type Progress, type RerankOptions, type RerankRequest } from './options.js';
import { type Prompt, promptLength } from './prompt.js';
import { type BlockEmbeddings, scoreDocuments } from './ranking.js';
import { Tokenizer } from './tokenizer.js';
import { Turns } from './turns.js';

export interface LoadOptions {
  /** The best there is by default. */
  readonly device?: DeviceKind | undefined;
  /** How weights rest: `f32` (default) or `q8`, a quarter of the memory and faster. */
  readonly dtype?: WeightDtype | undefined;
  /** Worker threads of the `wasm` device; as many as the machine has by default. */
  readonly threads?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Hears, in one line each, why a better device was passed over. */
  readonly onNotice?: ((notice: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One document of a ranking. */
export interface RankedDocument {
  /** Its place in the documents that were given. */
  readonly index: number;
  /** Cosine between the document's embedding and the query's: −1 to 1. */
  readonly relevanceScore: number;
  /** The document as it was given. */
  readonly document: string;
  /** The document's embedding, not normalised, when asked for. */
  readonly embedding?: Float32Array;
}

/** Documents, most relevant first. */
export interface Ranking extends Array<RankedDocument> {
  /** Tokens that were run through the model. */
  readonly tokens: number;
}

export class Reranker {
  /** What the model is called: its folder, or `embedded`. */
  readonly model: string;
  readonly dtype: WeightDtype;
  readonly #device: Device;
  readonly #checkpoint: Checkpoint;
  readonly #tokenizer: Tokenizer;
  readonly #backbone: Qwen3;
  readonly #projector: Projector;
  readonly #turns = new Turns();
  #disposal: Promise<void> | undefined;

  private constructor(checkpoint: Checkpoint, device: Device, parts: Parts, dtype: WeightDtype) {
    this.model = checkpoint.name;
    this.dtype = dtype;
    this.#checkpoint = checkpoint;
    this.#device = device;
    this.#tokenizer = parts.tokenizer;
    this.#backbone = parts.backbone;
    this.#projector = parts.projector;
  }

  /**
   * Loads a model: a folder in Node, a `Checkpoint` anywhere, or without an argument the embedded model.
   * Throws ListwiseError `checkpoint-…`, `unsupported-model`, `device-unsupported`; rejects with the signal's
   * reason when aborted. Nothing stays behind when it fails.
   */
  static async load(model?: string | Checkpoint, options: LoadOptions = {}): Promise<Reranker> {
    const dtype = options.dtype ?? 'f32';
    if (!WEIGHT_DTYPES.includes(dtype)) {
      throw new ListwiseError(
        'invalid-input',
        `dtype is "${dtype}", expected ${WEIGHT_DTYPES.join(' or ')}.`,
      );
    }
    options.signal?.throwIfAborted();
    const checkpoint = await openModel(model);
    let device: Device | undefined;
    try {
      const config = parseConfig(checkpoint.config);
      const tokenizer = new Tokenizer(checkpoint);
      device = await openDevice(options.device, { ...options, dtypes: [dtype] });
      const backbone = await Qwen3.load(device, checkpoint.tensors, config, dtype, (done) => {
        options.signal?.throwIfAborted();
        options.onProgress?.({ phase: 'load', done, total: config.layers });
      });
      const projector = await Projector.load(device, checkpoint.tensors, config.hiddenSize);
      return new Reranker(checkpoint, device, { tokenizer, backbone, projector }, dtype);
    } catch (error) {
      await device?.dispose();
      await checkpoint.tensors.close();
      throw error;
    }
  }

  /** The device's kind, for programs. */
  get device(): DeviceKind {
    return this.#device.kind;
  }

  /** The device, for people. */
  get deviceDescription(): string {
    return this.#device.description;
  }

  /** Bytes that the device holds: weights, and activations while a request runs. */
  get deviceBytes(): number {
    return this.#device.bytes;
  }

  /**
   * Ranks documents by their relevance to the query. No documents give an empty ranking.
   * Throws ListwiseError `invalid-input`, `context-exceeded`, `disposed`; rejects with the signal's reason when
   * aborted. The reranker stays usable after every one of these but `disposed`.
   */
  async rerank(query: string, documents: readonly string[], options: RerankOptions = {}): Promise<Ranking> {
    this.#checkUsable();
    const request = checkRequest(query, documents, options);
    return this.#turns.take(() => this.#run(request), request.signal);
  }

  /** The prompts, one for each block, that `rerank` would run. */
  prompts(query: string, documents: readonly string[], options: RerankOptions = {}): Prompt[] {
    return this.#prompts(checkRequest(query, documents, options));
  }

  /** Waits for what runs, then frees the device and closes the checkpoint. */
  async dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #dispose(): Promise<void> {
    await this.#turns.ended();
    await this.#device.dispose();
    await this.#checkpoint.tensors.close();
  }

  #prompts(request: RerankRequest): Prompt[] {
    const context = Math.min(this.#tokenizer.maxLength, this.#backbone.config.maxPositions);
    return buildPrompts(this.#tokenizer, request, context);
  }

  async #run(request: RerankRequest): Promise<Ranking> {
    const prompts = this.#prompts(request);
    const tokens = prompts.reduce((sum, prompt) => sum + promptLength(prompt), 0);
    const blocks: BlockEmbeddings[] = [];
    let start = 0; // tokens of the blocks before
    for (const prompt of prompts) {
      const onProgress = (part: number) => {
        const done = start + Math.round(part * promptLength(prompt));
        request.onProgress?.({ phase: 'rerank', done, total: tokens });
      };
      blocks.push(await this.#embedBlock(prompt, request.signal, onProgress));
      start += promptLength(prompt);
    }
    const scores = blocks.length > 0 ? scoreDocuments(blocks) : [];
    const embeddings = blocks.flatMap((block) => block.documents);
    const ranked = scores
      .map((relevanceScore, index) => ({
        index,
        relevanceScore,
        document: request.documents[index]!,
        ...(request.returnEmbeddings ? { embedding: embeddings[index]! } : {}),
      }))
      .sort((a, b) => b.relevanceScore - a.relevanceScore)
      .slice(0, request.topN);
    return Object.assign(ranked, { tokens });
  }

  /** Runs one prompt up to its last marker and embeds what stands at the markers. */
  async #embedBlock(prompt: Prompt, signal: AbortSignal | undefined, onProgress: (part: number) => void) {
    const rows = [...prompt.documentPositions, prompt.queryPosition];
    const hiddenStates = await this.#backbone.forward(prompt.ids.slice(0, promptLength(prompt)), rows, {
      signal,
      onProgress: (done, total) => onProgress(done / total),
    });
    const embeddings = await this.#projector.embed(hiddenStates);
    return { documents: embeddings.slice(0, -1), query: embeddings.at(-1)! };
  }

  #checkUsable(): void {
    if (this.#disposal) throw new ListwiseError('disposed', 'This reranker was disposed; load another.');
  }
}

interface Parts {
  readonly tokenizer: Tokenizer;
  readonly backbone: Qwen3;
  readonly projector: Projector;
}
