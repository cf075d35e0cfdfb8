/**
 * Lists of kinds of text that the embedded model was not trained on: what a first-stage search found, in random order.
 * weights/train/unseen.py writes them.
 */
import { readFile } from 'node:fs/promises';
import { BM25 } from './bm25.js';
import { mean, ndcg10 } from './metrics.js';
import type { Scorer } from './scorer.js';

export interface FoundList {
  readonly query: string;
  /** Places in the collection. */
  readonly documents: readonly number[];
  /** Which of the documents answer the query. */
  readonly relevant: readonly number[];
  /** Of each document, its rank among what BM25 found in the whole collection; 0 is the best. */
  readonly ranks: readonly number[];
}

export interface UnseenTest {
  readonly name: string;
  readonly language: string;
  readonly collection: string;
  readonly candidates: number;
  /** How many lists, from the first on, are enough for a quick run. */
  readonly quick: number;
  readonly lists: readonly FoundList[];
}

export interface Unseen {
  readonly collections: Readonly<Record<string, readonly string[]>>;
  readonly tests: readonly UnseenTest[];
}

/** nDCG@10 of four orders. */
export interface UnseenResult extends Pick<UnseenTest, 'name' | 'candidates'> {
  readonly lists: number;
  /** The order that a first-stage BM25 gives, which knows the whole collection. */
  readonly found: number;
  /** BM25 that knows the candidates alone. */
  readonly bm25: number;
  readonly model: number;
  /** The model's scores and BM25's over the candidates, standardised and added. */
  readonly both: number;
}

export async function readUnseen(file: URL): Promise<Unseen> {
  return JSON.parse(await readFile(file, 'utf8'));
}

export async function measureUnseen(
  { collections, tests }: Unseen,
  scorer: Pick<Scorer, 'scores'>,
): Promise<UnseenResult[]> {
  const results: UnseenResult[] = [];
  for (const { name, candidates, collection, lists } of tests) {
    const rows: number[][] = [];
    for (const { query, documents, relevant, ranks } of lists) {
      const texts = documents.map((place) => collections[collection]![place]!);
      const bm25 = new BM25(texts).scores(query, [...texts.keys()]);
      const model = await scorer.scores(query, texts);
      const both = added(standardised(bm25), standardised(model));
      const orders = [ranks.map((rank) => -rank), bm25, model, both];
      rows.push(orders.map((scores) => ndcg10(scores, relevant)));
    }
    const [found, bm25, model, both] = [0, 1, 2, 3].map((order) => mean(rows.map((row) => row[order]!)));
    results.push({
      name,
      candidates,
      lists: lists.length,
      found: found!,
      bm25: bm25!,
      model: model!,
      both: both!,
    });
  }
  return results;
}

function standardised(scores: readonly number[]): number[] {
  const centre = mean(scores);
  const deviation = Math.sqrt(mean(scores.map((score) => (score - centre) ** 2)));
  return scores.map((score) => (deviation === 0 ? 0 : (score - centre) / deviation));
}

function added(some: readonly number[], others: readonly number[]): number[] {
  return some.map((score, i) => score + others[i]!);
}
