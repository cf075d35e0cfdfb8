/// <reference lib="esnext.disposable" preserve="true" />
/** What a user asks for: load a model, rank documents. */
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { openModel } from '../checkpoint/open.js';
import type { DeviceKind } from '../device/device.js';
import { WEIGHT_DTYPES, type WeightDtype } from '../device/dtype.js';
import { ListwiseError } from '../error.js';
import { parseConfig, type Qwen3Config } from '../model/config.js';
import { buildPrompts } from './blocks.js';
import { Engine } from './engine.js';
import { checkRequest, type Progress, type RerankOptions, type RerankRequest } from './options.js';
import { type Prompt, promptLength } from './prompt.js';
import { type BlockEmbeddings, scoreDocuments } from './ranking.js';
import { Tokenizer } from './tokenizer.js';
import { Turns } from './turns.js';

export interface LoadOptions {
  /** The best there is by default. */
  readonly device?: DeviceKind | undefined;
  /** How weights rest: `f32` (default); `f16` and `bf16`, half the memory; `q8`, a quarter of it. */
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
  readonly #checkpoint: Checkpoint;
  readonly #config: Qwen3Config;
  readonly #tokenizer: Tokenizer;
  readonly #options: LoadOptions;
  readonly #turns = new Turns();
  #engine: Engine;
  #disposal: Promise<void> | undefined;

  private constructor(checkpoint: Checkpoint, parts: Parts, dtype: WeightDtype, options: LoadOptions) {
    this.model = checkpoint.name;
    this.dtype = dtype;
    this.#checkpoint = checkpoint;
    this.#config = parts.config;
    this.#tokenizer = parts.tokenizer;
    this.#engine = parts.engine;
    this.#options = options;
  }

  /**
   * Loads a model: a folder in Node, a `Checkpoint` anywhere, or without an argument the embedded model.
   * Throws ListwiseError `checkpoint-…`, `unsupported-model`, `device-unsupported`, `out-of-memory`; rejects with
   * the signal's reason when aborted. Nothing stays behind when it fails.
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
    try {
      const config = parseConfig(checkpoint.config);
      const tokenizer = new Tokenizer(checkpoint);
      const engine = await Engine.load(checkpoint, config, dtype, options);
      return new Reranker(checkpoint, { config, tokenizer, engine }, dtype, options);
    } catch (error) {
      await checkpoint.tensors.close();
      throw error;
    }
  }

  /** The device's kind, for programs. */
  get device(): DeviceKind {
    return this.#engine.device.kind;
  }

  /** The device, for people. */
  get deviceDescription(): string {
    return this.#engine.device.description;
  }

  /** Bytes that the device holds: weights, and activations while a request runs. */
  get deviceBytes(): number {
    return this.#engine.device.bytes;
  }

  /**
   * Ranks documents by their relevance to the query. No documents give an empty ranking.
   * Throws ListwiseError `invalid-input`, `context-exceeded`, `out-of-memory`, `device-lost`, `device-failed`,
   * `disposed`; rejects with the signal's reason when aborted. The reranker stays usable after every one of these
   * but `disposed`: a device that was lost is opened anew.
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
    await this.#engine.device.dispose();
    await this.#checkpoint.tensors.close();
  }

  #prompts(request: RerankRequest): Prompt[] {
    const context = Math.min(this.#tokenizer.maxLength, this.#config.maxPositions);
    return buildPrompts(this.#tokenizer, request, context);
  }

  async #run(request: RerankRequest): Promise<Ranking> {
    if (!this.#engine.device.alive) await this.#reopen(request.signal);
    const prompts = this.#prompts(request);
    const tokens = prompts.reduce((sum, prompt) => sum + promptLength(prompt), 0);
    const blocks: BlockEmbeddings[] = [];
    let start = 0; // tokens of the blocks before
    for (const prompt of prompts) {
      const onProgress = (steps: number, allSteps: number) => {
        const done = start + Math.round((steps / allSteps) * promptLength(prompt));
        request.onProgress?.({ phase: 'rerank', done, total: tokens });
      };
      blocks.push(await this.#engine.embed(prompt, { signal: request.signal, onProgress }));
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

  /** Opens the device anew, after it was lost, and brings the weights there again. */
  async #reopen(signal: AbortSignal | undefined): Promise<void> {
    await this.#engine.device.dispose();
    this.#engine = await Engine.load(this.#checkpoint, this.#config, this.dtype, {
      ...this.#options,
      signal,
    });
  }

  #checkUsable(): void {
    if (this.#disposal) throw new ListwiseError('disposed', 'This reranker was disposed; load another.');
  }
}

interface Parts {
  readonly config: Qwen3Config;
  readonly tokenizer: Tokenizer;
  readonly engine: Engine;
}
