/** What an inspection has seen of one prompt. Layers, heads and rows count from 0; arrays are row-major. */
import type { DeviceKind } from '../device/device.js';
import type { WeightDtype } from '../device/dtype.js';
import type { AttentionWeights } from './attention.js';
import type { State } from './states.js';
import type { PromptToken } from './tokens.js';

export interface HiddenState extends State {
  /** Whether the model's final norm was put on it. */
  readonly normed: boolean;
}

/** A stretch of a document, and the score that the document has without it. */
export interface MaskedSpan {
  /** In the document's text as the model reads it, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly score: number;
  /** The score with it less the score without: above 0 what speaks for the document. */
  readonly effect: number;
}

/** A document, and what its score owes to each piece of its text. */
export interface MaskedDocument {
  readonly document: number;
  /** As the model reads it: cut, and without the prompt's own tags. */
  readonly text: string;
  readonly spans: readonly MaskedSpan[];
}

/** The same list in several orders. */
export interface OrderEffect {
  /** The order of each run: which document stood where. The first is the order given. */
  readonly orders: readonly (readonly number[])[];
  /** [orders, documents] */
  readonly scores: Float32Array;
  /** Of each document over the orders; `spread` is the standard deviation. */
  readonly mean: Float32Array;
  readonly spread: Float32Array;
}

export interface TraceContents {
  /** What the reranker calls the model. */
  readonly model: string;
  readonly dtype: WeightDtype;
  readonly device: DeviceKind;
  readonly query: string;
  readonly documents: readonly string[];
  readonly layers: number;
  readonly heads: number;
  /** The prompt up to the query's marker. */
  readonly tokens: readonly PromptToken[];
  /** Where each document's marker stands, and the query's. */
  readonly documentPositions: readonly number[];
  readonly queryPosition: number;
  /** [documents] */
  readonly scores: Float32Array;
  readonly hidden: readonly HiddenState[];
  /** Over all tokens, one for each layer. */
  readonly attention: readonly AttentionWeights[];
  /** Summed over blocks, from the markers: who looked at whom. */
  readonly blocks:
    | { readonly names: readonly string[]; readonly attention: readonly AttentionWeights[] }
    | undefined;
  /** `[layers, documents]`: the scores if final norm and projector read the stream after each layer. */
  readonly lens: Float32Array | undefined;
  /** `[documents, documents]`: row i holds the scores without document i, which has NaN itself. */
  readonly leftOut: Float32Array | undefined;
  readonly masked: readonly MaskedDocument[] | undefined;
  readonly orders: OrderEffect | undefined;
}
