/// <reference lib="esnext.disposable" preserve="true" />
/** What a user asks for: load a model, rank documents. */
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import type { ModelFiles } from '../checkpoint/files.js';
import { openModel } from '../checkpoint/open.js';
import type { DeviceKind } from '../device/device.js';
import { WEIGHT_DTYPES, type WeightDtype } from '../device/dtype.js';
import { ListwiseError } from '../error.js';
import { inspect, planInspection } from '../inspect/inspect.js';
import type { InspectHost } from '../inspect/inspection.js';
import type { InspectionPlan, InspectOptions } from '../inspect/options.js';
import type { Trace } from '../inspect/trace.js';
import { parseConfig } from '../model/config.js';
import { hasSpareLayers } from '../model/weights.js';
import { Engine } from './engine.js';
import type { LoadOptions, NoticeTopic } from './load-options.js';
import { checkRequest, type Limits, type RerankOptions, type RerankRequest, wholeNumber } from './options.js';
import { type Prompt, promptLength } from './prompt.js';
import { protocolOf } from './protocols/choose.js';
import type { Protocol, ScoreScale } from './protocols/protocol.js';
import { RankQueue } from './rank-queue.js';
import type { Ranking } from './ranking.js';
import { Session, type SessionHost, type SessionOptions } from './session.js';
import { finish, finishInTurns, type Steps } from './steps.js';
import { Tokenizer } from './tokenizer.js';
import { Turns } from './turns.js';

const BATCH_TOKENS = 1024;

/** What a request will take. */
export interface RequestPlan {
  /** The prompts that it will run, in turn. */
  readonly blocks: readonly { readonly documents: number; readonly tokens: number }[];
  /** The most that the device will hold at a time beside the weights, but for a few megabytes of the kernels' own. */
  readonly bytes: number;
}

/** A model on a device, which ranks lists of documents. `Reranker.load` makes one; requests on it queue up. */
export class Reranker {
  /** What the model is called: its folder, its name on the hub, or `embedded`. */
  readonly model: string;
  readonly dtype: WeightDtype;
  readonly #checkpoint: Checkpoint;
  readonly #tokenizer: Tokenizer;
  readonly #protocol: Protocol;
  readonly #options: LoadOptions;
  readonly #turns = new Turns();
  readonly #requests = new Set<Promise<unknown>>();
  readonly #queue: RankQueue;
  #engine: Engine;
  #disposal: Promise<void> | undefined;

  private constructor(checkpoint: Checkpoint, parts: Parts, dtype: WeightDtype, options: LoadOptions) {
    this.model = checkpoint.name;
    this.dtype = dtype;
    this.#checkpoint = checkpoint;
    this.#tokenizer = parts.tokenizer;
    this.#protocol = parts.protocol;
    this.#engine = parts.engine;
    this.#options = options;
    this.#queue = new RankQueue(
      (task, signal) => this.#takeTurn(task, signal),
      parts.batchTokens,
      parts.protocol,
    );
  }

  /**
   * Loads a model: a folder or a .gguf file in Node; a model of the Hugging Face hub, `owner/name` or
   * `owner/name/file.gguf`; files, say `filesInMemory`; a `Checkpoint`; or without an argument the embedded model. Throws ListwiseError
   * `checkpoint-…`, `download-failed`, `unauthorized`, `unsupported-model`, `device-unsupported`, `out-of-memory`;
   * rejects with the signal's reason when aborted. When it fails, nothing stays behind but what was downloaded.
   */
  static async load(model?: string | ModelFiles | Checkpoint, options: LoadOptions = {}): Promise<Reranker> {
    const dtype = options.dtype ?? 'f32';
    if (!WEIGHT_DTYPES.includes(dtype)) {
      throw new ListwiseError(
        'invalid-input',
        `dtype is "${dtype}", expected ${WEIGHT_DTYPES.join(' or ')}.`,
      );
    }
    const batchTokens = wholeNumber('batchTokens', options.batchTokens, BATCH_TOKENS, 0);
    options.signal?.throwIfAborted();
    const checkpoint = await openModel(model, { ...options, onNotice: about(options, 'model') });
    try {
      const config = parseConfig(checkpoint.config);
      if (hasSpareLayers(checkpoint.tensors, config)) {
        const { layers } = config;
        const notice = `The config's num_hidden_layers is ${layers}, the checkpoint has more: they are left out.`;
        options.onNotice?.(notice, 'model');
      }
      const tokenizer = new Tokenizer(checkpoint);
      const protocol = protocolOf(checkpoint, tokenizer, options.protocol);
      const engine = await Engine.load(checkpoint, config, dtype, protocol, {
        ...options,
        onNotice: about(options, 'device'),
      });
      return new Reranker(checkpoint, { tokenizer, protocol, engine, batchTokens }, dtype, options);
    } catch (error) {
      await checkpoint.tensors.close();
      throw error;
    }
  }

  /** What its scores are: cosines, −1 to 1, or probabilities, 0 to 1. */
  get scale(): ScoreScale {
    return this.#protocol.scale;
  }

  /** How long texts may be where a request does not say, in tokens. */
  get limits(): Limits {
    return this.#protocol.limits;
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
    const request = checkRequest(query, documents, options, this.#protocol.limits);
    request.signal?.throwIfAborted();
    return this.#underWay(async () => this.#queue.rank(request, await this.#promptsInTurns(request)));
  }

  /** For one query whose list grows at its end. Nothing is run yet. Throws `invalid-input`, `disposed`. */
  session(query: string, options: SessionOptions = {}): Session {
    this.#checkUsable();
    const host: SessionHost = {
      protocol: this.#protocol,
      run: (task, signal) => this.#run(task, signal),
      prompts: (request) => this.#promptsInTurns(request),
      whenIdle: (task) => this.#turns.take(task),
    };
    return new Session(host, query, options);
  }

  /** What `rerank` would take. Throws `invalid-input`. */
  plan(query: string, documents: readonly string[], options: RerankOptions = {}): RequestPlan {
    const { device, config } = this.#engine;
    const prompts = this.prompts(query, documents, options);
    const blocks = prompts.map((prompt) => ({
      documents: prompt.documentPositions.length,
      tokens: promptLength(prompt),
    }));
    return { blocks, bytes: this.#protocol.bytes(device, config, prompts) };
  }

  /** The prompts, one for each block, that `rerank` would run. */
  prompts(query: string, documents: readonly string[], options: RerankOptions = {}): Prompt[] {
    return finish(this.#prompts(checkRequest(query, documents, options, this.#protocol.limits)));
  }

  /**
   * Looks into the model while it reads a list: what was asked for comes as a trace of arrays. See docs/inside.md.
   * Throws what `rerank` throws, `invalid-input` for layers, heads, rows or edits that there can't be, and
   * `out-of-memory` for a trace of more than `maxBytes`, before anything runs.
   */
  async inspect(query: string, documents: readonly string[], options: InspectOptions = {}): Promise<Trace> {
    this.#checkUsable();
    return inspect(this.#inspectHost(), query, documents, options);
  }

  /** What `inspect` would take. Throws as it does. */
  planInspection(query: string, documents: readonly string[], options: InspectOptions = {}): InspectionPlan {
    return planInspection(this.#inspectHost(), query, documents, options);
  }

  /** How many tokens a text has by itself. A number of `most` says that there are as many or more: it ends counting. */
  countTokens(text: string, most = Infinity): number {
    return finish(this.#tokenizer.encodeParts([text], most)).length;
  }

  /** Waits for what runs, then frees the device and closes the checkpoint. */
  async dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  /** `dispose`, at the end of a block with `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #dispose(): Promise<void> {
    await Promise.allSettled(this.#requests);
    await this.#turns.ended();
    await this.#engine.device.dispose();
    await this.#checkpoint.tensors.close();
  }

  #inspectHost(): InspectHost {
    return {
      model: this.model,
      dtype: this.dtype,
      tokenizer: this.#tokenizer,
      engine: this.#engine,
      protocol: this.#protocol,
      prompts: (request) => finish(this.#prompts(request)),
      run: (task, signal) => this.#run(task, signal),
    };
  }

  #promptsInTurns(request: RerankRequest): Promise<Prompt[]> {
    return finishInTurns(this.#prompts(request), request.signal);
  }

  #prompts(request: RerankRequest): Steps<Prompt[]> {
    return this.#protocol.prompts(request, this.#engine.config.maxPositions);
  }

  #run<T>(task: (engine: Engine) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    this.#checkUsable();
    return this.#takeTurn(task, signal);
  }

  /** Does what was asked for while the reranker could be used: `dispose` waits for it. */
  async #underWay<T>(task: () => Promise<T>): Promise<T> {
    const request = task();
    this.#requests.add(request);
    try {
      return await request;
    } finally {
      this.#requests.delete(request);
    }
  }

  /** Runs a task when its turn comes, on a device that is alive: a lost one is opened anew. */
  #takeTurn<T>(task: (engine: Engine) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return this.#turns.take(async () => {
      if (!this.#engine.device.alive) await this.#reopen(signal);
      return task(this.#engine);
    }, signal);
  }

  /** Brings the weights to the device again, after it was lost. */
  async #reopen(signal: AbortSignal | undefined): Promise<void> {
    await this.#engine.device.dispose();
    const { config } = this.#engine;
    const options = { ...this.#options, onNotice: about(this.#options, 'device'), signal };
    this.#engine = await Engine.load(this.#checkpoint, config, this.dtype, this.#protocol, options);
  }

  #checkUsable(): void {
    if (this.#disposal) throw new ListwiseError('disposed', 'This reranker was disposed; load another.');
  }
}

interface Parts {
  readonly tokenizer: Tokenizer;
  readonly protocol: Protocol;
  readonly engine: Engine;
  readonly batchTokens: number;
}

/** Notices of one topic. */
function about({ onNotice }: LoadOptions, topic: NoticeTopic): ((notice: string) => void) | undefined {
  return onNotice && ((notice) => onNotice(notice, topic));
}
