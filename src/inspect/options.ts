/** What to look at in a prompt. What was not asked for is neither computed nor read. */
import type { RerankOptions } from '../reranker/options.js';
import type { Edit } from './edits.js';
import type { Numbers, Rows } from './selection.js';
import type { SpanKind } from './spans.js';
import type { StatePlace } from './states.js';

/** Values of some rows at a place of some layers. */
export interface HiddenRequest {
  /** All by default. */
  readonly layers?: Numbers | undefined;
  /** The markers by default. */
  readonly rows?: Rows | undefined;
  /** The residual stream after the MLP by default: what the next layer reads. */
  readonly place?: StatePlace | undefined;
  /** Puts the model's final norm on the residual stream. */
  readonly normed?: boolean | undefined;
}

/** Which weights of attention a trace records. */
export interface AttentionRequest {
  /** All by default. */
  readonly layers?: Numbers | undefined;
  /** All by default. */
  readonly heads?: Numbers | undefined;
  /** The markers by default. */
  readonly rows?: Rows | undefined;
}

/** What of which documents is left out, a piece at a time. */
export interface MaskRequest {
  /** Sentences by default. */
  readonly by?: SpanKind | undefined;
  /** Places in the list: all by default. */
  readonly documents?: readonly number[] | undefined;
}

/** What `Reranker.inspect` records and changes. Nothing is computed that is not asked for. */
export interface InspectOptions
  extends Pick<
    RerankOptions,
    'instruction' | 'maxDocumentLength' | 'maxQueryLength' | 'truncate' | 'keepTags' | 'signal' | 'onProgress'
  > {
  /** The residual stream, or what heads, keys and values hold. */
  readonly hidden?: HiddenRequest | readonly HiddenRequest[] | undefined;
  /** Weights of attention over every token. */
  readonly attention?: AttentionRequest | undefined;
  /** The markers' weights summed over the documents, the query and the rest: who looked at whom. */
  readonly blocks?: Omit<AttentionRequest, 'rows'> | true | undefined;
  /** The scores that would come out after each layer. */
  readonly lens?: boolean | undefined;
  /** The list without each of its documents. */
  readonly leaveOut?: boolean | undefined;
  /** Documents without each of their sentences, words or tokens. */
  readonly mask?: MaskRequest | undefined;
  /** The list in so many orders, the given one first. */
  readonly orders?: number | undefined;
  /** Changes within the run that is looked at; not together with `leaveOut`, `mask` and `orders`. */
  readonly edits?: readonly Edit[] | undefined;
  /** Bytes that the trace may take in memory: 1 GiB by default. */
  readonly maxBytes?: number | undefined;
}

/** What an inspection will take. */
export interface InspectionPlan {
  /** Of the prompt. */
  readonly tokens: number;
  /** Tokens of all runs together, at most. */
  readonly runTokens: number;
  /** What the trace will hold. */
  readonly traceBytes: number;
  /** The most that the device will hold at a time beside the weights, but for a few megabytes of the kernels' own. */
  readonly deviceBytes: number;
}
