/** A trace: what an inspection has seen of one prompt, as arrays, as a file and as JSON. */
import { saveFile } from '#platform';
import { type NamedTensor, writeSafetensors } from '../checkpoint/write-safetensors.js';
import { VERSION } from '../version.js';
import type { AttentionWeights } from './attention.js';
import { summaryOf, type TraceSummary } from './summary.js';
import type { TraceContents } from './trace-contents.js';

/** Of a trace's file. */
const FORMAT = '1';

/** What an inspection has seen of one prompt. `Reranker.inspect` makes one. */
export class Trace implements TraceContents {
  readonly model;
  readonly dtype;
  readonly device;
  readonly query;
  readonly documents;
  readonly layers;
  readonly heads;
  readonly tokens;
  readonly documentPositions;
  readonly queryPosition;
  readonly scores;
  readonly hidden;
  readonly attention;
  readonly blocks;
  readonly lens;
  readonly leftOut;
  readonly masked;
  readonly orders;

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
