/** `listwise rerank`: documents, most relevant first. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEVICE_KINDS } from '../device/choose.js';
import type { DeviceKind } from '../device/device.js';
import { WEIGHT_DTYPES, type WeightDtype } from '../device/dtype.js';
import type { Ranking } from '../reranker/ranking.js';
import { Reranker } from '../reranker/reranker.js';
import { addInput, type InputOptions, readInput } from './input.js';
import { hubOptions } from './model.js';
import { ProgressBar } from './progress-bar.js';
import { rankingView } from './ranking-view.js';

interface RerankCommandOptions extends InputOptions {
  readonly topN?: number;
  readonly diversity?: number;
  readonly device?: DeviceKind;
  readonly dtype: WeightDtype;
  readonly threads?: number;
  readonly json?: true;
}

export function addRerankCommand(program: Command, signal: AbortSignal): void {
  const command = addInput(program.command('rerank'))
    .description('rank documents by their relevance to a query')
    .option('-n, --top-n <number>', 'how many documents to show (default: all)', wholeNumber)
    .option(
      '--diversity <number>',
      'from 0 to 1: how much a document that says what others say gives way to one that says something else',
      share,
    )
    .addOption(
      new Option('--device <kind>', 'what computes (default: the best there is)').choices(DEVICE_KINDS),
    )
    .addOption(
      new Option(
        '--dtype <dtype>',
        'how weights rest: f32, f16 and bf16 in half the memory, q8 in a quarter, q4 in a sixth',
      )
        .choices(WEIGHT_DTYPES)
        .default('f32'),
    )
    .option(
      '--threads <number>',
      'threads of the wasm device (default: as many as the processor has)',
      wholeNumber,
    )
    .option('--json', 'print the ranking as JSON, in the shape of the Jina API')
    .action(() => rerank(command, signal));
}

async function rerank(command: Command, signal: AbortSignal): Promise<void> {
  const options = command.opts<RerankCommandOptions>();
  const { model, json, device, dtype, threads, topN, diversity, instruction } = options;
  const { query, documents } = await readInput(command, signal);
  using progressBar = new ProgressBar(process.stderr);
  const onProgress = progressBar.show;
  const onNotice = progressBar.notify;
  const hub = hubOptions(options);
  const loading = { device, dtype, threads, hub, onProgress, onNotice, signal };
  await using reranker = await Reranker.load(model, loading);
  const start = performance.now();
  const ranking = await reranker.rerank(query, documents, {
    topN,
    diversity,
    instruction,
    onProgress,
    signal,
  });
  const seconds = (performance.now() - start) / 1000;
  progressBar.clear();
  process.stdout.write(
    json
      ? `${JSON.stringify(response(ranking, reranker))}\n`
      : rankingView(ranking, reranker, seconds, process.stdout.columns),
  );
}

/** What the Jina API answers, and what computed it. */
function response(ranking: Ranking, { model, device, dtype }: Reranker) {
  const results = ranking.map(({ index, relevanceScore, gain, document }) => ({
    index,
    relevance_score: relevanceScore,
    gain, // absent without --diversity
    document: { text: document },
  }));
  return { model, device, dtype, usage: { total_tokens: ranking.tokens }, results };
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('Expected a whole number of at least 1.');
}

function share(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number from 0 to 1.');
}
