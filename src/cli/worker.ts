/** `listwise worker`: ranks lists of batches that others run. */
import type { Command } from 'commander';
import { ListProgress } from './list-progress.js';
import { addLoading, type LoadingOptions, load } from './loading.js';
import { ProgressBar } from './progress-bar.js';
import { oneLine } from './terminal-text.js';

interface WorkerCommandOptions extends LoadingOptions {
  readonly redis: string;
}

const NOTE = `
Ranks the lists of every listwise batch with the same --redis and --model. SIGTERM and Ctrl-C let the list that runs
finish; a second Ctrl-C ends at once. What a worker that was killed had at hand, others rank.`;

export function addWorkerCommand(program: Command, signal: AbortSignal): void {
  const command = addLoading(program.command('worker'))
    .description('rank the lists of listwise batch --redis')
    .requiredOption('--redis <url>', 'the Redis server that hands out lists')
    .addHelpText('after', NOTE)
    .action(() => runWorker(command.optsWithGlobals<WorkerCommandOptions>(), signal));
}

async function runWorker(options: WorkerCommandOptions, signal: AbortSignal): Promise<void> {
  // Only this command needs them.
  const { modelName } = await import('../batch/model-name.js');
  const { connect } = await import('../batch/redis.js');
  const { work } = await import('../batch/worker.js');
  using progressBar = new ProgressBar(process.stderr);
  let view: ProgressBar | ListProgress = progressBar;
  using connection = await connect(options.redis, (notice) => view.notify(notice));
  await using reranker = await load(options, progressBar, signal);
  progressBar.clear();
  const model = await modelName(options.model);
  const { deviceDescription, dtype } = reranker;
  process.stderr.write(
    `Taking lists from ${connection.address} · ${deviceDescription} · ${oneLine(model)} model, ${dtype}\n`,
  );
  using progress = new ListProgress(process.stderr);
  view = progress;
  await work(reranker, model, connection, { signal, onAnswer: progress.add, onNotice: progress.notify });
}
