#!/usr/bin/env node
/** The command `listwise`. */
import { styleText } from 'node:util';
import { Command } from 'commander';
import { DESCRIPTION, VERSION } from '../version.js';
import { addBatchCommand } from './batch.js';
import { addDevicesCommand } from './devices.js';
import { exitCodeOf, failureText } from './failure.js';
import { addInspectCommand } from './inspect.js';
import { addPromptCommand } from './prompt.js';
import { addRerankCommand } from './rerank.js';
import { addServeCommand } from './serve.js';
import { addVerifyCommand } from './verify.js';
import { addWorkerCommand } from './worker.js';

const EXAMPLES = `
Examples:
  $ listwise rerank "edit photos" "An image editor." "A chess engine."
  $ listwise rerank "edit photos" --documents packages.txt --top-n 3
  $ apt-cache search image | listwise rerank "take red eyes out of photos" --top-n 5
  $ listwise rerank "edit photos" --documents packages.jsonl --json | jq .results[0]
  $ listwise prompt --query "edit photos" --documents packages.txt

Without --model the embedded model ranks: 10 million parameters that match words and their meaning in some fifteen
languages, better than a first search does. For understanding there is --model jinaai/jina-reranker-v3: 1.2 GB to download once,
not for commercial use.`;

/** The first Ctrl-C, or SIGTERM, stops what runs and cleans up; a second one ends the process on the spot. */
const interruption = new AbortController();
let interruptedBy: NodeJS.Signals | undefined;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    interruptedBy ??= name;
    interruption.abort();
  });
}

// A reader that has seen enough, as in `listwise … | head -1`, is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

const program = new Command('listwise')
  .description(DESCRIPTION)
  .version(VERSION)
  .option('--verbose', 'show in full where an error came from, and why a better device was passed over')
  .configureHelp({ showGlobalOptions: true, styleTitle: (title) => styleText('bold', title) })
  .configureOutput({
    outputError: (text, write) =>
      write(failureText(text.replace(/^error: /, ''), 'Add --help to see the usage.')),
  })
  .exitOverride()
  .addHelpText('after', EXAMPLES);

addRerankCommand(program, interruption.signal);
addInspectCommand(program, interruption.signal);
addPromptCommand(program, interruption.signal);
addDevicesCommand(program);
addVerifyCommand(program, interruption.signal);
addServeCommand(program, interruption.signal);
addBatchCommand(program, interruption.signal);
addWorkerCommand(program, interruption.signal);

try {
  await program.parseAsync();
} catch (error) {
  const { verbose } = program.opts<{ verbose?: true }>();
  process.exitCode = exitCodeOf(error, { verbose: verbose === true, interruptedBy });
}
