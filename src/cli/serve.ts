/** `listwise serve`: a reranker behind the HTTP APIs that clients already speak. */
import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import { ListwiseError } from '../error.js';
import type { Reranker } from '../reranker/reranker.js';
import type { ServerOptions } from '../server/index.js';
import { failureText } from './failure.js';
import { addLoading, type LoadingOptions, load } from './loading.js';
import { cosine, wholeNumber } from './numbers.js';
import { ProgressBar } from './progress-bar.js';

interface ServeCommandOptions
  extends LoadingOptions,
    Required<Pick<ServerOptions, 'maxQueue' | 'maxDocuments' | 'maxDocumentLength' | 'timeout'>>,
    Pick<ServerOptions, 'strictModel' | 'minScore' | 'unitScores'> {
  readonly host: string;
  readonly port: number;
  readonly as: readonly string[];
  readonly cors: readonly string[];
  readonly maxBody: number;
  readonly grace: number;
  readonly quiet?: true;
}

const NOTE = `
Answers POST /v1/rerank as Jina's API does, /v2/rerank as Cohere's, /rerank as text-embeddings-inference or, asked
with documents, as vLLM and llama.cpp do, /infinity/rerank as Infinity. A page to try it is at /, what it takes at
/openapi.json, its model at /v1/models and /info; /health, /ready and /metrics are for those who operate it.
LISTWISE_API_KEYS, keys with commas between them: a request then needs "Authorization: Bearer KEY".
Each request is logged as a line of JSON on standard output, without what its user wrote. SIGTERM and Ctrl-C let what
runs finish; a second Ctrl-C ends at once.`;

export function addServeCommand(program: Command, signal: AbortSignal): void {
  const command = addLoading(program.command('serve'))
    .description('answer over HTTP, in the APIs of Jina, Cohere and text-embeddings-inference')
    .option('--host <address>', 'where to listen; 0.0.0.0 for all the world', '127.0.0.1')
    .option('--port <number>', 'on which port; 0 for a free one', port, 8000)
    .option('--as <names>', 'what else the model is called, with commas between or again', moreNames, [])
    .option(
      '--strict-model',
      'refuse requests for a model of another name, for which this one ranks otherwise',
    )
    .option(
      '--cors <origin>',
      'a web page whose scripts may ask, as https://example.org; * for all',
      more,
      [],
    )
    .option('--max-queue <number>', 'requests that may wait or be ranked at a time', wholeNumber, 128)
    .option('--max-documents <number>', 'documents of a request', wholeNumber, 1000)
    .option(
      '--max-document-length <tokens>',
      'longer documents are cut, where a request does not say',
      wholeNumber,
      2048,
    )
    .option(
      '--min-score <number>',
      'from -1 to 1: documents that score lower are left out, where a request does not say',
      cosine,
    )
    .option('--unit-scores', 'scores of Jina’s and Cohere’s API are (1 + cosine) / 2, from 0 to 1')
    .option('--max-body <megabytes>', 'size of a request', wholeNumber, 8)
    .option('--timeout <seconds>', 'how long a request may wait and be ranked', wholeNumber, 60)
    .option(
      '--grace <seconds>',
      'how long what runs may take when the server is told to stop',
      wholeNumber,
      25,
    )
    .option('--quiet', 'log no requests')
    .addHelpText('after', NOTE)
    .action(() => serve(command.optsWithGlobals<ServeCommandOptions>(), signal));
}

async function serve(options: ServeCommandOptions, signal: AbortSignal): Promise<void> {
  // Only this command needs them.
  const { createServer } = await import('../server/index.js');
  const { listen } = await import('../server/listen.js');
  const keys = apiKeys();
  using progressBar = new ProgressBar(process.stderr);
  await using reranker = await load(options, progressBar, signal);
  progressBar.clear();
  const { as, cors, maxBody, quiet } = options;
  const server = createServer(reranker, {
    ...options,
    keys,
    names: as,
    origins: cors,
    maxBodyBytes: maxBody * 2 ** 20,
    onRequest: quiet ? undefined : (entry) => process.stdout.write(`${JSON.stringify(entry)}\n`),
  });
  const listening = await listen(server, options);
  process.stderr.write(greeting(listening.url, reranker));
  if (keys.length === 0 && !isLocal(options.host)) {
    process.stderr.write(
      failureText('No LISTWISE_API_KEYS: whoever reaches this address may ask.', undefined),
    );
  }
  if (!signal.aborted) await once(signal, 'abort');
  process.stderr.write('Stopping: what runs may finish.\n');
  await listening.close(options.grace);
}

function greeting(url: string, { model, dtype, deviceDescription }: Reranker): string {
  return `Listening on ${url} · ${deviceDescription} · ${model} model, ${dtype}\n`;
}

function apiKeys(): string[] {
  const text = process.env.LISTWISE_API_KEYS ?? '';
  const keys = names(text);
  if (keys.length > 0 || text === '') return keys;
  throw new ListwiseError('invalid-input', 'LISTWISE_API_KEYS holds no key.', {
    hint: 'Give keys with commas between them, or leave it out.',
  });
}

function names(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function moreNames(text: string, before: readonly string[]): string[] {
  return [...before, ...names(text)];
}

function more(text: string, before: readonly string[]): string[] {
  return [...before, text];
}

function port(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 16) return value;
  throw new InvalidArgumentError('Expected a whole number from 0 to 65535.');
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
