/** The model beside BM25 and a random order, on the lists of a test. */
import type { List } from './lists.js';
import type { Methods } from './methods.js';
import { type Metrics, meanMetrics, metricsOf, metricsOfRandom } from './metrics.js';

export interface Comparison {
  readonly random: Metrics;
  readonly bm25: Metrics;
  readonly model: Metrics;
}

export async function compare(lists: readonly List[], methods: Methods): Promise<Comparison> {
  const model: Metrics[] = [];
  for (const list of lists) model.push(metricsOf(await methods.model(list), list.relevant));
  return {
    random: meanMetrics(lists.map(({ documents }) => metricsOfRandom(documents.length))),
    bm25: meanMetrics(lists.map((list) => metricsOf(methods.bm25(list), list.relevant))),
    model: meanMetrics(model),
  };
}
