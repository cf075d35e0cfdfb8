/**
 * npm run bench:inside: what the embedded model's layers and heads do, on held-out English lists. Prints the figures of
 * docs/inside.md.
 *
 *   npm run bench:inside -- [lists, 40 by default]
 */
import { Reranker } from '../src/reranker/reranker.js';
import { readHeldOut, testNamed } from './evaluate/lists.js';
import { mean } from './evaluate/metrics.js';

const heldOut = await readHeldOut(new URL('../bench/data/held-out.json', import.meta.url));
const collection = heldOut.collections.packages!;
const lists = testNamed(heldOut.tests, 'English').lists.slice(0, Number(process.argv[2] ?? 40));
await using reranker = await Reranker.load();

/** Whether the document that is first by one is so by the other. */
const sameFirst = (a: Float32Array, b: Float32Array) =>
  a.indexOf(Math.max(...a)) === b.indexOf(Math.max(...b));

const difference = (a: Float32Array, b: Float32Array) =>
  mean([...a].map((score, i) => Math.abs(score - b[i]!)));

interface HeadEffect {
  readonly layer: number;
  readonly head: number;
  readonly changes: number[];
  moved: number;
}

const { layers: layerCount, heads: headCount } = await reranker.inspect('a', ['b']);
const settled: boolean[][] = []; // [lists][layers]
const heads = Array.from({ length: layerCount * headCount }, (_, i): HeadEffect => {
  return { layer: Math.floor(i / headCount), head: i % headCount, changes: [], moved: 0 };
});
const leftOut: number[] = [];
for (const { query, documents } of lists) {
  const texts = documents.map((place) => collection[place]!);
  const clean = await reranker.inspect(query, texts, { lens: true, leaveOut: true });
  const { scores, lens } = clean;
  const count = scores.length;
  settled.push(
    Array.from({ length: layerCount }, (_, layer) =>
      sameFirst(lens!.subarray(layer * count, (layer + 1) * count), scores),
    ),
  );
  for (const [i, score] of clean.leftOut!.entries()) {
    if (!Number.isNaN(score)) leftOut.push(Math.abs(score - scores[i % count]!));
  }
  for (const effect of heads) {
    const edits = [{ layer: effect.layer, place: 'heads', head: effect.head, scale: 0 }] as const;
    const silenced = (await reranker.inspect(query, texts, { edits })).scores;
    effect.changes.push(difference(silenced, scores));
    if (!sameFirst(silenced, scores)) effect.moved++;
  }
}

console.log(`${lists.length} lists. First place as at the end, after each layer:`);
console.log(settled[0]!.map((_, layer) => settled.filter((list) => list[layer]).length).join(', '));
console.log('\n| head | a score moves by | another is first |\n|---|---|---|');
for (const { layer, head, changes, moved } of heads) {
  console.log(`| ${layer}.${head} | ${mean(changes).toFixed(3)} | ${moved} |`);
}
console.log(
  `\nWithout a document the others move by ${mean(leftOut).toFixed(4)}, at most ${Math.max(...leftOut).toFixed(3)}.`,
);
