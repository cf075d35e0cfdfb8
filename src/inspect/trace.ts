/** What an inspection has seen of one prompt. Layers, heads and rows count from 0; arrays are row-major. */
import { saveFile } from '#platform';
import { type NamedTensor, writeSafetensors } from '../checkpoint/write-safetensors.js';
import type { DeviceKind } from '../device/device.js';
import type { WeightDtype } from '../device/dtype.js';
import { VERSION } from '../version.js';
import type { AttentionWeights } from './attention.js';
import type { State } from './states.js';
import { summaryOf, type TraceSummary } from './summary.js';
import type { PromptToken } from './tokens.js';

/** Of a trace's file. */
const FORMAT = '1';

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

/** What a trace is made of. */
export type TraceContents = Omit<Trace, 'tensors' | 'toSafetensors' | 'save' | 'toJSON'>;

export class Trace {
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
  /** [layers, documents]: the scores if final norm and projector read the stream after each layer. */
  readonly lens: Float32Array | undefined;
  /** [documents, documents]: row i holds the scores without document i, which has NaN itself. */
  readonly leftOut: Float32Array | undefined;
  readonly masked: readonly MaskedDocument[] | undefined;
  readonly orders: OrderEffect | undefined;

  constructor(contents: TraceContents) {
    this.model = contents.model;
    this.dtype = contents.dtype;
    this.device = contents.device;
    this.query = contents.query;
    this.documents = contents.documents;
    this.layers = contents.layers;
    this.heads = contents.heads;
    this.tokens = contents.tokens;
    this.documentPositions = contents.documentPositions;
    this.queryPosition = contents.queryPosition;
    this.scores = contents.scores;
    this.hidden = contents.hidden;
    this.attention = contents.attention;
    this.blocks = contents.blocks;
    this.lens = contents.lens;
    this.leftOut = contents.leftOut;
    this.masked = contents.masked;
    this.orders = contents.orders;
  }

  /** All arrays by name: `hidden.mlp.3`, `attention.0`, `blocks.0`, `lens` … Row numbers and tokens stand beside them. */
  tensors(): NamedTensor[] {
    return [
      { name: 'tokens', shape: [this.tokens.length], values: Int32Array.from(this.tokens, ({ id }) => id) },
      integers('document_positions', this.documentPositions),
      integers('query_position', [this.queryPosition]),
      { name: 'scores', shape: [this.scores.length], values: this.scores },
      ...this.hidden.flatMap(({ place, layer, normed, rows, columns, values }) => {
        const name = `hidden.${normed ? 'normed.' : ''}${place}.${layer}`;
        return [{ name, shape: [rows.length, columns], values }, integers(`${name}.rows`, rows)];
      }),
      ...this.attention.flatMap((weights) => weightTensors(`attention.${weights.layer}`, weights)),
      ...(this.blocks?.attention ?? []).flatMap((weights) =>
        weightTensors(`blocks.${weights.layer}`, weights),
      ),
      ...matrix('lens', this.lens, this.documents.length),
      ...matrix('left_out', this.leftOut, this.documents.length),
      ...matrix('orders.scores', this.orders?.scores, this.documents.length),
      ...(this.orders
        ? [
            {
              ...integers('orders', this.orders.orders.flat()),
              shape: [this.orders.orders.length, this.documents.length],
            },
          ]
        : []),
    ];
  }

  /** A safetensors file, with the model, the prompt and what the tokens belong to in its metadata. */
  toSafetensors(): Uint8Array<ArrayBuffer> {
    return writeSafetensors(this.tensors(), {
      format: `listwise trace ${FORMAT}`,
      listwise: VERSION,
      model: this.model,
      dtype: this.dtype,
      device: this.device,
      query: this.query,
      documents: JSON.stringify(this.documents),
      tokens: JSON.stringify(this.tokens.map(({ text, part }) => ({ text, ...part }))),
      ...(this.blocks ? { blocks: JSON.stringify(this.blocks.names) } : {}),
      ...(this.masked ? { masked: JSON.stringify(this.masked) } : {}),
    });
  }

  /** Writes the safetensors file. In browsers take `toSafetensors`. */
  async save(path: string): Promise<void> {
    await saveFile(path, this.toSafetensors());
  }

  /** What is small, for JSON and for pictures: all but hidden states and weights over single tokens. */
  toJSON(): TraceSummary {
    return summaryOf(this);
  }
}

function integers(name: string, values: readonly number[]): NamedTensor {
  return { name, shape: [values.length], values: Int32Array.from(values) };
}

function matrix(name: string, values: Float32Array | undefined, columns: number): NamedTensor[] {
  return values ? [{ name, shape: [values.length / columns, columns], values }] : [];
}

function weightTensors(name: string, { heads, rows, columns, values }: AttentionWeights): NamedTensor[] {
  return [
    { name, shape: [heads.length, rows.length, columns], values },
    integers(`${name}.heads`, heads),
    integers(`${name}.rows`, rows),
  ];
}
