/** `listwise batch`: a file of lists ranked, here or by any number of machines. */
import type { Command } from 'commander';
import type { ListRanker } from '../batch/outcome.js';
import type { Answer, Output } from '../batch/output.js';

import { ListwiseError } from '../error.js';
import { withHome } from '../platform/node-home.js';

import { ListProgress } from './list-progress.js';
import { addLoading, computingFlags, type LoadingOptions, load } from './loading.js';
import { ProgressBar } from './progress-bar.js';
import { oneLine } from './terminal-text.js';

interface BatchCommandOptions extends LoadingOptions {
  readonly out: string;
  readonly redis?: string;
}

/** More failed lines than these are not told one by one. */
const MOST_TOLD = 5;

const NOTE = `
A line of LISTS is {"query": "…", "documents": ["…"]}; documents may be {"text": "…"}, too. It may have "id", "top_n",
"instruction" and "return_documents". A line of OUT is what the Jina API answers, with the number of the line; lists
that can't be ranked get an "error" there, are reported, and make the command end with code 1.

The same command goes on where it stopped, however it stopped, and with lines that were added to LISTS meanwhile.

With --redis nothing is loaded here: the lists are ranked by all who run listwise worker with the same --redis and
--model. They may come, go and die, and each decides what it computes on: --device, --dtype and their like are theirs.`;

export function addBatchCommand(program: Command, signal: AbortSignal): void {
  const command = addLoading(program.command('batch'))
    .description('rank a file of lists: JSONL in, JSONL out')
    .argument('<lists>', 'file with a list a line', withHome)
    .requiredOption('-o, --out <file>', 'where answers are added, a line each, as they come', withHome)
    .option('--redis <url>', 'let workers rank that are connected to this Redis server')
    .addHelpText('after', NOTE)
    .action((lists: string) => {
      const options = command.optsWithGlobals<BatchCommandOptions>();
      if (options.redis !== undefined) checkComputingNowhere(command);
      return batch(lists, options, signal);
    });
}

/** What computes is the workers' affair: an option that changes nothing would promise something. */
function checkComputingNowhere(command: Command): void {
  const given = computingFlags(command);
  if (given.length === 0) return;
  throw new ListwiseError(
    'invalid-input',
    `With --redis, ${given.join(' and ')} can't be given to the batch.`,
    {
      hint: 'The workers compute, and each decides for itself: give it to listwise worker.',
    },
  );
}

async function batch(lists: string, options: BatchCommandOptions, signal: AbortSignal): Promise<void> {
  // Only this command needs them.
  const { Output } = await import('../batch/output.js');
  const { checkLists, countLists } = await import('../batch/survey.js');
  const { modelName } = await import('../batch/model-name.js');
  const model = await modelName(options.model);
  using reading = new ProgressBar(process.stderr);
  const onRead = (done: number, total: number) => reading.show({ phase: 'read', done, total });
  await checkLists(lists);
  await using output = await Output.open(options.out, model, onRead);
  const job = { lists, total: await countLists(lists, output, onRead), output, model };
  reading.clear();
  const before = output.answered;
  const start = performance.now();
  try {
    if (before < job.total)
      await (options.redis === undefined ? rankHere : rankByWorkers)(job, options, signal);
  } catch (error) {
    if (signal.aborted) process.stderr.write(stopped(job, options));
    throw error;
  }
  process.stderr.write(finished(job, options, output.answered - before, (performance.now() - start) / 1000));
  if (output.failed > 0) process.exitCode = 1;
}

interface Job {
  readonly lists: string;
  readonly total: number;
  readonly output: Output;
  readonly model: string;
}

async function rankHere(job: Job, options: BatchCommandOptions, signal: AbortSignal): Promise<void> {
  const { LocalRanker } = await import('../batch/local-ranker.js');
  using progressBar = new ProgressBar(process.stderr);
  await using reranker = await load(options, progressBar, signal);
  progressBar.clear();
  using progress = new ListProgress(process.stderr, { done: job.output.answered, total: job.total });
  await rank(job, new LocalRanker(reranker, signal), progress, signal);
}

async function rankByWorkers(
  job: Job,
  { redis = '' }: BatchCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const { connect } = await import('../batch/redis.js');
  const { RemoteRanker } = await import('../batch/remote-ranker.js');
  using progress = new ListProgress(process.stderr, { done: job.output.answered, total: job.total });
  const { notify: onNotice } = progress;
  using connection = await connect(redis, onNotice);
  await rank(job, new RemoteRanker(connection, job.model, { signal, onNotice }), progress, signal);
}

async function rank(
  job: Job,
  ranker: ListRanker,
  progress: ListProgress,
  signal: AbortSignal,
): Promise<void> {
  const { answerLists } = await import('../batch/batch.js');
  let failed = 0;
  const onAnswer = (answer: Answer) => {
    progress.add();
    if (!('error' in answer)) return;
    failed++;
    if (failed <= MOST_TOLD) progress.notify(`line ${answer.line}: ${answer.error.message}`);
    if (failed === MOST_TOLD + 1) progress.notify('More lines failed. Their answers say why.');
  };
  await answerLists(job, ranker, { signal, onAnswer });
}

function finished(
  { total, output }: Job,
  { out }: BatchCommandOptions,
  answered: number,
  seconds: number,
): string {
  const work = answered > 0 ? `${count(answered)} answered in ${seconds.toFixed(1)} s. ` : '';
  const failed = output.failed > 0 ? `, ${output.failed.toLocaleString('en')} with an error` : '';
  return `${work}${oneLine(out)} answers ${total === 1 ? 'the one list' : `all ${count(total)}`}${failed}.\n`;
}

function stopped({ total, output }: Job, { out }: BatchCommandOptions): string {
  const place = `${oneLine(out)} answers ${output.answered.toLocaleString('en')} of ${count(total)}`;
  return `Stopped. ${place}; the same command goes on.\n`;
}

function count(lists: number): string {
  return lists === 1 ? '1 list' : `${lists.toLocaleString('en')} lists`;
}
