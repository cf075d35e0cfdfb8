/** `listwise rerank`: documents, most relevant first. */
import type { Command } from 'commander';
import type { Ranking } from '../reranker/ranking.js';
import type { Reranker } from '../reranker/reranker.js';
import { addInput, type InputOptions, readInput } from './input.js';
import { addComputing, type LoadingOptions, load } from './loading.js';
import { cosine, share, wholeNumber } from './numbers.js';
import { ProgressBar } from './progress-bar.js';
import { rankingView } from './ranking-view.js';

interface RerankCommandOptions extends InputOptions, LoadingOptions {
  readonly topN?: number;
  readonly minScore?: number;
  readonly diversity?: number;
  readonly json?: true;
}

export function addRerankCommand(program: Command, signal: AbortSignal): void {
  const command = addComputing(addInput(program.command('rerank')))
    .description('rank documents by their relevance to a query')
    .option('-n, --top-n <number>', 'how many documents to show (default: all)', wholeNumber)
    .option('--min-score <number>', 'from -1 to 1: leave out documents whose score is lower', cosine)
    .option(
      '--diversity <number>',
      'from 0 to 1: how much a document that says what others say gives way to one that says something else',
      share,
    )
    .option('--json', 'print the ranking as JSON, in the shape of the Jina API')
    .action(() => rerank(command, signal));
}

async function rerank(command: Command, signal: AbortSignal): Promise<void> {
  const options = command.optsWithGlobals<RerankCommandOptions>();
  const { json, topN, minScore, diversity, instruction } = options;
  const { query, documents } = await readInput(command, signal);
  using progressBar = new ProgressBar(process.stderr);
  await using reranker = await load(options, progressBar, signal);
  const start = performance.now();
  const ranking = await reranker.rerank(query, documents, {
    topN,
    minScore,
    diversity,
    instruction,
    onProgress: progressBar.show,
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
