/** `listwise inspect`: looks into the model while it ranks; writes a report and what it saw. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { reportHtml } from '../inspect/report/html.js';
import { SPAN_KINDS, type SpanKind } from '../inspect/spans.js';
import type { Trace } from '../inspect/trace.js';
import { withHome } from '../platform/node-home.js';
import type { Ranking } from '../reranker/ranking.js';
import type { Reranker } from '../reranker/reranker.js';
import { addInput, type InputOptions, readInput } from './input.js';
import { addComputing, type LoadingOptions, load } from './loading.js';
import { wholeNumberOrZero } from './numbers.js';
import { ProgressBar } from './progress-bar.js';
import { rankingView } from './ranking-view.js';

interface InspectCommandOptions extends InputOptions, LoadingOptions {
  readonly layers?: readonly number[];
  readonly attention?: true;
  readonly mask: SpanKind | 'none';
  readonly explain: number;
  readonly orders: number;
  readonly out?: string;
  readonly json?: true;
}

const FOLDER = 'listwise-inside';

export function addInspectCommand(program: Command, signal: AbortSignal): void {
  const command = addComputing(addInput(program.command('inspect')))
    .description(
      'look into the model while it ranks: what each layer knows, which document looked at which, which words count',
    )
    .option('--layers <list>', 'layers to look at, from 0, as in 0,3-5 (default: all)', layerList)
    .option('--attention', 'also save the markers’ attention to every single token')
    .addOption(
      new Option('--mask <stretch>', 'what is left out of documents to find what counts')
        .choices([...SPAN_KINDS, 'none'])
        .default('word'),
    )
    .option('--explain <number>', 'for how many of the best documents', wholeNumberOrZero, 3)
    .option(
      '--orders <number>',
      'in how many orders to rank the list, to see what its place does for a document',
      wholeNumberOrZero,
      8,
    )
    .option(
      '-o, --out <folder>',
      `where to write report.html, trace.safetensors and trace.json (default: ${FOLDER})`,
      withHome,
    )
    .option('--json', 'print what is small as JSON, and write no files unless --out is given')
    .action(() => inspectList(command, signal));
}

async function inspectList(command: Command, signal: AbortSignal): Promise<void> {
  const options = command.optsWithGlobals<InspectCommandOptions>();
  const { query, documents } = await readInput(command, signal);
  using progressBar = new ProgressBar(process.stderr);
  await using reranker = await load(options, progressBar, signal);
  const start = performance.now();
  const ranking = await reranker.rerank(query, documents, { instruction: options.instruction, signal });
  const seconds = (performance.now() - start) / 1000;
  const trace = await look(reranker, query, documents, ranking, options, {
    onProgress: progressBar.show,
    signal,
  });
  const folder = options.out ?? (options.json ? undefined : FOLDER);
  if (folder !== undefined) await write(folder, trace);
  progressBar.clear();
  if (options.json) {
    process.stdout.write(`${JSON.stringify(trace)}\n`);
  } else {
    process.stdout.write(rankingView(ranking, reranker, seconds, process.stdout.columns));
    process.stdout.write(`\nOpen ${styleText('bold', join(folder!, 'report.html'))} to look inside.\n`);
  }
}

function look(
  reranker: Reranker,
  query: string,
  documents: readonly string[],
  ranking: Ranking,
  { instruction, layers, attention, mask, explain, orders }: InspectCommandOptions,
  running: Pick<Parameters<Reranker['inspect']>[2] & object, 'onProgress' | 'signal'>,
): Promise<Trace> {
  const best = ranking.slice(0, explain).map(({ index }) => index);
  return reranker.inspect(query, documents, {
    instruction,
    hidden: { layers },
    attention: attention && { layers },
    blocks: { layers },
    lens: true,
    leaveOut: true,
    mask: mask === 'none' || best.length === 0 ? undefined : { by: mask, documents: best },
    orders: orders > 0 ? orders : undefined,
    ...running,
  });
}

async function write(folder: string, trace: Trace): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.html'), reportHtml(trace.toJSON()));
  await writeFile(join(folder, 'trace.json'), `${JSON.stringify(trace)}\n`);
  await trace.save(join(folder, 'trace.safetensors'));
}

/** `0,3-5` as 0, 3, 4, 5. */
function layerList(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [, first, last = first] = /^\s*(\d{1,4})(?:-(\d{1,4}))?\s*$/.exec(part) ?? [];
    if (first === undefined || Number(last) < Number(first)) {
      throw new InvalidArgumentError('Expected layers as in 0,3-5.');
    }
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i);
  });
}
