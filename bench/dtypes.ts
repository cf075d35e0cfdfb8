/**
 * npm run bench:dtypes: what each dtype costs, and what it changes, on the devices of this machine. Prints the table
 * that stands in docs/speed.md. Memory and speed are of the full Qwen3-0.6B shape on the synthetic checkpoint; scores are
 * the embedded model's on held-out lists, against f32 on the same device.
 *
 *   npm run bench:dtypes -- [wasm webgpu reference] [--layers 28] [--tokens 256] [--runs 3] [--lists 40]
 *
 * Without a name: wasm, and webgpu where there is a GPU. With fewer layers memory and speed are extrapolated.
 */
import { parseArgs } from 'node:util';
import { FULL } from '../golden/measure.js';
import { SyntheticStore } from '../golden/synthetic.js';
import { largestDifference } from '../golden/values.js';
import { DEVICE_KINDS, openDevice } from '../src/device/choose.js';
import type { DeviceKind } from '../src/device/device.js';
import { WEIGHT_DTYPES, type WeightDtype } from '../src/device/dtype.js';
import { requestAdapter } from '../src/device/webgpu/adapter.js';
import { parseConfig } from '../src/model/config.js';
import { Qwen3 } from '../src/model/qwen3.js';
import { Reranker } from '../src/reranker/reranker.js';
import { type HeldOut, readHeldOut } from './evaluate/lists.js';
import { mean } from './evaluate/metrics.js';

const LAYERS = 28;
const LISTS_OF_A_TEST = 4;

interface TextList {
  readonly query: string;
  readonly documents: readonly string[];
}

/** Found from here and from a bundle in another folder of the project. */
const HELD_OUT = new URL('../bench/data/held-out.json', import.meta.url);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    layers: { type: 'string', default: String(LAYERS) },
    tokens: { type: 'string', default: '256' },
    runs: { type: 'string', default: '3' },
    lists: { type: 'string', default: 'Infinity' },
  },
});
const layers = Number(values.layers);
const tokens = Number(values.tokens);
const runs = Number(values.runs);
const lists = listsOf16(await readHeldOut(HELD_OUT)).slice(0, Number(values.lists));

/** 40 lists of 16 short documents, of every kind of query in turn, so that the first few are of several kinds, too. */
function listsOf16({ collections, tests }: HeldOut): TextList[] {
  const short = tests.filter(({ collection, candidates }) => collection === 'packages' && candidates === 16);
  return Array.from({ length: LISTS_OF_A_TEST }, (_, i) => short.map(({ lists }) => lists[i]!))
    .flat()
    .map(({ query, documents }) => ({
      query,
      documents: documents.map((place) => collections.packages![place]!),
    }));
}

async function isGpu(): Promise<boolean> {
  return requestAdapter().then(
    ({ isSoftware }) => !isSoftware,
    () => false,
  );
}

interface Cost {
  /** Of all 28 layers' weights, norms among them. */
  readonly bytes: number;
  readonly tokensPerSecond: number;
}

/** Memory and speed of the full shape. The reference's speed is of no interest, and is not measured. */
async function measureCost(kind: DeviceKind, dtype: WeightDtype): Promise<Cost> {
  const config = parseConfig({ ...FULL.config, num_hidden_layers: layers });
  const device = await openDevice(kind, {
    dtypes: [dtype],
    shape: config,
  });
  const before = device.bytes;
  const model = await Qwen3.load(device, new SyntheticStore(), config, dtype);
  const bytes = ((device.bytes - before) / layers) * LAYERS;
  const ids = Array.from({ length: tokens }, (_, i) => (i * 7919) % 150_000);
  const times: number[] = [];
  if (kind !== 'reference') {
    await model.forward(ids.slice(0, 64), [0]); // until the engine has compiled the kernels with all its effort
    for (let run = 0; run < runs; run++) {
      const start = performance.now();
      await model.forward(ids, [tokens - 1]);
      times.push((performance.now() - start) / 1000);
    }
  }
  await device.dispose();
  const seconds = (median(times) / layers) * LAYERS;
  return { bytes, tokensPerSecond: tokens / seconds };
}

/** Scores of every list's documents, in their order. */
async function scoreLists(kind: DeviceKind, dtype: WeightDtype): Promise<number[][]> {
  await using reranker = await Reranker.load(undefined, { device: kind, dtype });
  const scores: number[][] = [];
  for (const { query, documents } of lists) {
    const ranking = await reranker.rerank(query, documents);
    scores.push(ranking.sort((a, b) => a.index - b.index).map(({ relevanceScore }) => relevanceScore));
  }
  return scores;
}

/** Kendall's τ: pairs in the same order less pairs in the other, as a share of all. */
function kendall(a: readonly number[], b: readonly number[]): number {
  let agreement = 0;
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) agreement += Math.sign(a[i]! - a[j]!) * Math.sign(b[i]! - b[j]!);
  }
  return agreement / ((a.length * (a.length - 1)) / 2);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const wanted: readonly DeviceKind[] =
  positionals.length > 0
    ? DEVICE_KINDS.filter((kind) => positionals.includes(kind))
    : [...((await isGpu()) ? (['webgpu'] as const) : []), 'wasm'];

const rows: string[] = [];
for (const kind of wanted) {
  const exact = await scoreLists(kind, 'f32');
  for (const dtype of WEIGHT_DTYPES) {
    const { bytes, tokensPerSecond } = await measureCost(kind, dtype);
    const scores = dtype === 'f32' ? exact : await scoreLists(kind, dtype);
    const cells = [
      `\`${kind}\` ${dtype}`,
      `${(bytes / 2 ** 20).toFixed(0)} MiB`,
      Number.isNaN(tokensPerSecond) ? '' : tokensPerSecond.toFixed(0),
      Math.max(...scores.map((list, i) => largestDifference(list, exact[i]!))).toExponential(1),
      mean(scores.map((list, i) => kendall(list, exact[i]!))).toFixed(3),
    ];
    rows.push(`| ${cells.join(' | ')} |`);
    console.error(rows.at(-1));
  }
}
console.log(
  [
    `Memory and speed: ${layers} of ${LAYERS} layers, ${tokens} tokens, median of ${runs}. Scores: ${lists.length} lists.\n`,
    '| | weights | tokens per second | largest score error | Kendall τ |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n'),
);
