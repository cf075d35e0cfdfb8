/**
 * npm run evaluate: how well a model ranks lists of kinds of text, and of texts, that it was not trained on, beside
 * BM25; whether it matters where the relevant document stands, and how long the list is. Prints the tables that stand in
 * the model card.
 *
 *   npm run evaluate -- [--all] [--model PATH] [--device wasm] [--dtype q8] [--json FILE]
 */
import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { ProgressBar } from '../src/cli/progress-bar.js';
import { DEVICE_KINDS } from '../src/device/choose.js';
import type { DeviceKind } from '../src/device/device.js';
import { WEIGHT_DTYPES, type WeightDtype } from '../src/device/dtype.js';
import { Reranker } from '../src/reranker/reranker.js';
import { readHeldOut } from './evaluate/lists.js';
import { documentsOf, evaluate, select } from './evaluate/results.js';
import { Scorer } from './evaluate/scorer.js';
import { tables } from './evaluate/tables.js';
import { readUnseen } from './evaluate/unseen.js';

interface EvaluateOptions {
  readonly all?: true;
  readonly model?: string;
  readonly device?: DeviceKind;
  readonly dtype: WeightDtype;
  readonly json?: string;
}

/** Found from here and from a bundle in another folder of the project. */
const HELD_OUT = new URL('../bench/data/held-out.json', import.meta.url);
const UNSEEN = new URL('../bench/data/unseen.json', import.meta.url);

const options = new Command('evaluate')
  .option('--all', 'run all lists, not only as many as take five minutes')
  .option('--model <path>', 'a folder, a .gguf file or a model of the hub (default: the embedded model)')
  .addOption(
    new Option('--device <kind>', 'what computes (default: the best there is)').choices(DEVICE_KINDS),
  )
  .addOption(new Option('--dtype <dtype>', 'how weights rest').choices(WEIGHT_DTYPES).default('f32'))
  .option('--json <file>', 'write the figures to a file')
  .parse()
  .opts<EvaluateOptions>();

const heldOut = await readHeldOut(HELD_OUT);
const unseen = await readUnseen(UNSEEN);
const selection = select(heldOut, unseen, options.all ?? false);
using progressBar = new ProgressBar(process.stderr);
const { show: onProgress, notify: onNotice } = progressBar;
const { device, dtype } = options;
await using reranker = await Reranker.load(options.model, { device, dtype, onProgress, onNotice });

const total = documentsOf(selection);
let done = 0;
const scorer = new Scorer(reranker, (documents) => {
  done += documents;
  onProgress({ phase: 'rerank', done, total });
});
const start = performance.now();
const results = await evaluate(heldOut, unseen, selection, scorer);
const seconds = (performance.now() - start) / 1000;
progressBar.clear();

const { lists, tokens } = scorer;
const run = { model: reranker.model, device: reranker.device, dtype, lists, tokens, seconds };
if (options.json !== undefined) {
  await writeFile(options.json, `${JSON.stringify({ ...run, ...results }, null, 2)}\n`);
}
console.log(`${tables(results)}\n`);
console.log(
  `${run.model} model, ${dtype}: ${lists} lists, ${tokens} tokens in ${seconds.toFixed(0)} s on ${reranker.deviceDescription}.`,
);
