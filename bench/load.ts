/**
 * Loads a model in a process of its own and ranks four texts with it:
 *
 *   node build/load.js <model> <dtype>
 *
 * prints a line of JSON: seconds of the load, what the process took at its peak, the scores in input order.
 */
import type { WeightDtype } from '../src/device/dtype.js';
import { Reranker } from '../src/reranker/reranker.js';

const QUERY = 'edit photos';
const DOCUMENTS = [
  'A chess engine without a board.',
  'Retouch photographs and compose pictures.',
  'Shared library to parse XML.',
  'Visionneuse d’images légère.',
];

const [model, dtype] = process.argv.slice(2);
const start = performance.now();
const onNotice = (notice: string) => console.error(`  ${notice}`);
const reranker = await Reranker.load(model!, { device: 'wasm', dtype: dtype as WeightDtype, onNotice });
const loadSeconds = (performance.now() - start) / 1000;
const peakMemoryMiB = Math.round(process.resourceUsage().maxRSS / 1024);
const ranking = await reranker.rerank(QUERY, DOCUMENTS);
const scores = ranking.toSorted((a, b) => a.index - b.index).map(({ relevanceScore }) => relevanceScore);
console.log(JSON.stringify({ loadSeconds, peakMemoryMiB, order: ranking.map(({ index }) => index), scores }));
await reranker.dispose();
