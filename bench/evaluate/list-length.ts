/** What it costs that a list is long, and whether it helps to rank it in blocks. */
import { type List, shortened } from './lists.js';
import type { Methods } from './methods.js';
import { mean, metricsOf } from './metrics.js';

/** Documents in a list; the last is as many as the lists have. */
export const LENGTHS = [4, 8, 16, 32, 64];

const BLOCK = 16;

/** nDCG@10 of lists of one length. */
export interface AtLength {
  readonly length: number;
  readonly bm25: number;
  readonly model: number;
}

export interface LengthEffect {
  readonly lists: number;
  readonly lengths: readonly AtLength[];
  /** Of the longest lists, the model's when it ranks 16 at a time and the blocks are merged by score. */
  readonly inBlocks: number;
}

export async function measureLengthEffect(lists: readonly List[], methods: Methods): Promise<LengthEffect> {
  const lengths: AtLength[] = [];
  for (const length of LENGTHS) {
    const short = lists.map((list) => shortened(list, length));
    lengths.push({
      length,
      bm25: mean(short.map((list) => ndcg(methods.bm25(list), list))),
      model: await meanNdcg(short, methods.model),
    });
  }
  const inBlocks = await meanNdcg(lists, (list) => scoreInBlocks(list, methods));
  return { lists: lists.length, lengths, inBlocks };
}

async function meanNdcg(lists: readonly List[], model: Methods['model']): Promise<number> {
  const all: number[] = [];
  for (const list of lists) all.push(ndcg(await model(list), list));
  return mean(all);
}

async function scoreInBlocks(list: List, methods: Methods): Promise<number[]> {
  const scores: number[] = [];
  for (let begin = 0; begin < list.documents.length; begin += BLOCK) {
    const documents = list.documents.slice(begin, begin + BLOCK);
    scores.push(...(await methods.model({ ...list, documents })));
  }
  return scores;
}

const ndcg = (scores: readonly number[], { relevant }: List) => metricsOf(scores, relevant).ndcg10;
