/** What of a trace is small: for JSON, and for the pictures that are made of it. */
import type { MaskedDocument, TraceContents } from './trace-contents.js';

/** Of numbers in JSON. */
const DECIMALS = 6;

/** Layers and heads count from 0; a document's place is that in the list given. */
export interface TraceSummary {
  readonly model: string;
  readonly dtype: string;
  readonly device: string;
  readonly query: string;
  readonly documents: readonly {
    readonly document: string;
    readonly score: number;
    readonly position: number;
  }[];
  readonly tokens: number;
  readonly layers: number;
  readonly heads: number;
  /** [layers][documents] */
  readonly lens?: readonly (readonly number[])[];
  /** [left out][documents]; null for the one that is left out. */
  readonly leftOut?: readonly (readonly (number | null)[])[];
  readonly masked?: readonly MaskedDocument[];
  readonly orders?: {
    readonly orders: readonly (readonly number[])[];
    /** [orders][documents] */
    readonly scores: readonly (readonly number[])[];
    readonly mean: readonly number[];
    readonly spread: readonly number[];
  };
  readonly blocks?: {
    readonly names: readonly string[];
    readonly layers: readonly {
      readonly layer: number;
      readonly heads: readonly {
        readonly head: number;
        /** [markers][blocks]: of each document, then of the query. */
        readonly weights: readonly (readonly number[])[];
      }[];
    }[];
  };
}

export function summaryOf(trace: TraceContents): TraceSummary {
  const { lens, leftOut, masked, orders, blocks } = trace;
  const count = trace.documents.length;
  return {
    model: trace.model,
    dtype: trace.dtype,
    device: trace.device,
    query: trace.query,
    documents: trace.documents.map((document, i) => ({
      document,
      score: rounded(trace.scores[i]!),
      position: trace.documentPositions[i]!,
    })),
    tokens: trace.tokens.length,
    layers: trace.layers,
    heads: trace.heads,
    ...(lens && { lens: rowsOf(lens, count) }),
    ...(leftOut && {
      leftOut: rowsOf(leftOut, count).map((row) => row.map((score) => (Number.isNaN(score) ? null : score))),
    }),
    ...(masked && { masked: masked.map(roundedSpans) }),
    ...(orders && {
      orders: {
        orders: orders.orders,
        scores: rowsOf(orders.scores, count),
        mean: [...orders.mean].map(rounded),
        spread: [...orders.spread].map(rounded),
      },
    }),
    ...(blocks && { blocks: blockRows(blocks) }),
  };
}

function blockRows({
  names,
  attention,
}: NonNullable<TraceContents['blocks']>): NonNullable<TraceSummary['blocks']> {
  return {
    names,
    layers: attention.map(({ layer, heads, rows, columns, values }) => ({
      layer,
      heads: heads.map((head, i) => {
        const size = rows.length * columns;
        return { head, weights: rowsOf(values.subarray(i * size, (i + 1) * size), columns) };
      }),
    })),
  };
}

function roundedSpans({ spans, ...document }: MaskedDocument): MaskedDocument {
  return {
    ...document,
    spans: spans.map(({ start, end, score, effect }) => ({
      start,
      end,
      score: rounded(score),
      effect: rounded(effect),
    })),
  };
}

/** A matrix as nested arrays. */
function rowsOf(values: Float32Array, columns: number): number[][] {
  return Array.from({ length: values.length / columns }, (_, row) =>
    [...values.subarray(row * columns, (row + 1) * columns)].map(rounded),
  );
}

function rounded(value: number): number {
  return Math.round(value * 10 ** DECIMALS) / 10 ** DECIMALS;
}
