/**
 * Loads a model in a process of its own and ranks four texts with it:
 *
 *   node build/load.js <model> <dtype>
 *
 * prints a line of JSON: seconds of the load, what the process took at its peak, the scores in input order.
 */
import { readFileSync } from 'node:fs';
import type { WeightDtype } from '../src/device/dtype.js';
import { Reranker } from '../src/reranker/reranker.js';

const QUERY = 'edit photos';
const DOCUMENTS = [
  'A chess engine without a board.',
  'Retouch photographs and compose pictures.',
  'Shared library to parse XML.',
  'Visionneuse d’images légère.',
];

/** From Linux's own record: what `maxRSS` says includes the process that started this one. */
function peakMemoryMiB(): number {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))!;
  return Math.round(Number(kilobytes) / 1024);
}

const [model, dtype] = process.argv.slice(2);
const start = performance.now();
const onNotice = (notice: string) => console.error(`  ${notice}`);
const reranker = await Reranker.load(model!, { device: 'wasm', dtype: dtype as WeightDtype, onNotice });
const loadSeconds = (performance.now() - start) / 1000;
const ranking = await reranker.rerank(QUERY, DOCUMENTS);
const scores = ranking.toSorted((a, b) => a.index - b.index).map(({ relevanceScore }) => relevanceScore);
const order = ranking.map(({ index }) => index);
console.log(JSON.stringify({ loadSeconds, peakMemoryMiB: peakMemoryMiB(), order, scores }));
await reranker.dispose();
