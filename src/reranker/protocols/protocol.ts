/**
 * How a reranker asks its backbone: which prompts it makes of a request, which rows of them it reads, and what score it
 * reads off these. Everything else is the backbone's, and the same for all.
 */
import type { TensorStore } from '../../checkpoint/tensors.js';
import type { Device, Tensor } from '../../device/device.js';
import type { Qwen3Config } from '../../model/config.js';
import type { RunOptions } from '../../model/run.js';
import type { EmbeddedBlocks } from '../embed-blocks.js';
import type { Engine } from '../engine.js';
import type { Limits, RerankRequest } from '../options.js';
import type { Prompt } from '../prompt.js';
import type { Steps } from '../steps.js';

/** Between which numbers scores lie: −1 and 1, or 0 and 1. */
export type ScoreScale = 'cosine' | 'probability';

/** Reads final hidden states [rows, hidden] on the device: an embedding of each row, say, or the logits of an answer. */
export interface Readout {
  embed(hiddenStates: Tensor): Promise<Float32Array[]>;
}

export interface Protocol {
  readonly scale: ScoreScale;
  /** How long texts may be, where a request does not say. */
  readonly limits: Limits;
  /** What every prompt begins with. */
  readonly head: readonly number[];
  /** Whether a prompt can be continued by further documents. */
  readonly continues: boolean;
  /** The prompts of a request, for a model that holds `positions` tokens. Throws `invalid-input`. */
  prompts(request: RerankRequest, positions: number): Steps<Prompt[]>;
  loadReadout(device: Device, tensors: TensorStore, config: Qwen3Config): Promise<Readout>;
  /** Runs the prompts of a request. */
  run(engine: Engine, prompts: readonly Prompt[], options: RunOptions): Promise<EmbeddedBlocks>;
  /** Bytes that the device will hold for that at a time, beside the weights. */
  bytes(device: Device, config: Qwen3Config, prompts: readonly Prompt[]): number;
  /** The documents' scores, in their order, by what was read at the markers of each prompt. */
  scores(read: readonly (readonly Float32Array[])[]): number[];
}
