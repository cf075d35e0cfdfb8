/** What moved a score: the list without each document, documents without each of their stretches, other orders. */
import type { Engine } from '../reranker/engine.js';
import type { Prompt } from '../reranker/prompt.js';
import type { Span } from './spans.js';
import type { MaskedDocument, OrderEffect } from './trace-contents.js';
import { scoreVariants, type VariantOptions, variantTokens } from './variants.js';

/** Builds the prompt of some documents for the query that is looked into. */
export type BuildPrompt = (documents: readonly string[]) => Prompt;

/** Runs that are planned, and then made. */
export interface Experiment<T> {
  /** That it runs at most. */
  readonly tokens: number;
  run(engine: Engine, options: VariantOptions): Promise<T>;
}

/** [documents, documents]: row i holds the scores of the list without document i, which has NaN itself. */
export function leaveOut(build: BuildPrompt, documents: readonly string[]): Experiment<Float32Array> {
  const count = documents.length;
  if (count === 1) return { tokens: 0, run: async () => Float32Array.of(Number.NaN) };
  const variants = documents.map((_, left) => build(documents.filter((_, i) => i !== left)));
  const base = variants.at(-1)!;
  return {
    tokens: variantTokens(base, variants),
    run: async (engine, options) => {
      const scores = await scoreVariants(engine, base, variants, options);
      const matrix = new Float32Array(count * count).fill(Number.NaN);
      for (const [left, others] of scores.entries()) {
        matrix.set(others.subarray(0, left), left * count);
        matrix.set(others.subarray(left), left * count + left + 1);
      }
      return matrix;
    },
  };
}

/** A document that is to be read without each of some spans. */
export interface MaskTask {
  readonly document: number;
  readonly spans: readonly Span[];
}

/** What each span does to the score of its document: the score without it is that of the list with the text cut out. */
export function maskSpans(
  build: BuildPrompt,
  documents: readonly string[],
  tasks: readonly MaskTask[],
): Experiment<(scores: Float32Array) => MaskedDocument[]> {
  const base = build(documents);
  const variants = tasks.flatMap(({ document, spans }) =>
    spans.map(({ start, end }) => {
      const text = documents[document]!;
      return build(documents.with(document, text.slice(0, start) + text.slice(end)));
    }),
  );
  return {
    tokens: variantTokens(base, variants),
    run: async (engine, options) => {
      const without = await scoreVariants(engine, base, variants, options);
      return (scores) => {
        let next = 0;
        return tasks.map(({ document, spans }) => ({
          document,
          text: documents[document]!,
          spans: spans.map(({ start, end }) => {
            const score = without[next++]![document]!;
            return { start, end, score, effect: scores[document]! - score };
          }),
        }));
      };
    },
  };
}

/** The list in its own order and in others, drawn by a fixed seed so that they are the same each time. */
export function reorder(
  build: BuildPrompt,
  documents: readonly string[],
  count: number,
): Experiment<OrderEffect> {
  const orders = drawOrders(documents.length, count);
  const variants = orders.map((order) => build(order.map((document) => documents[document]!)));
  const base = variants[0]!;
  return {
    tokens: variantTokens(base, variants),
    run: async (engine, options) => {
      const byPlace = await scoreVariants(engine, base, variants, options);
      const scores = new Float32Array(count * documents.length);
      for (const [i, order] of orders.entries()) {
        for (const [place, document] of order.entries()) {
          scores[i * documents.length + document] = byPlace[i]![place]!;
        }
      }
      return { orders, scores, ...meanAndSpread(scores, documents.length) };
    },
  };
}

/** The given order, then shuffled ones (Fisher & Yates). */
function drawOrders(documents: number, count: number): number[][] {
  const next = generator(1);
  const order = Array.from({ length: documents }, (_, i) => i);
  return Array.from({ length: count }, (_, run) => {
    for (let i = run === 0 ? 0 : documents - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return [...order];
  });
}

/** Numbers in [0, 1) from a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function meanAndSpread(
  scores: Float32Array,
  documents: number,
): { mean: Float32Array; spread: Float32Array } {
  const runs = scores.length / documents;
  const mean = new Float32Array(documents);
  const spread = new Float32Array(documents);
  for (let document = 0; document < documents; document++) {
    const own = Array.from({ length: runs }, (_, run) => scores[run * documents + document]!);
    mean[document] = own.reduce((sum, score) => sum + score, 0) / runs;
    const squares = own.reduce((sum, score) => sum + (score - mean[document]!) ** 2, 0);
    spread[document] = Math.sqrt(squares / runs);
  }
  return { mean, spread };
}
