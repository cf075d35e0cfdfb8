/** `listwise prompt`: what the model reads, to the token. */
import { styleText } from 'node:util';
import type { Command } from 'commander';
import { openModel } from '../checkpoint/open.js';
import { checkRequest } from '../reranker/options.js';
import type { Prompt } from '../reranker/prompt.js';
import { protocolOf } from '../reranker/protocols/choose.js';
import { finish } from '../reranker/steps.js';
import { Tokenizer } from '../reranker/tokenizer.js';
import { addInput, type InputOptions, readInput } from './input.js';
import { hubOptions } from './model.js';
import { ProgressBar } from './progress-bar.js';
import { harmless } from './terminal-text.js';

interface PromptCommandOptions extends InputOptions {
  readonly keepTags?: true;
  readonly released?: true;
  readonly json?: true;
}

export function addPromptCommand(program: Command, signal: AbortSignal): void {
  const command = addInput(program.command('prompt'))
    .description('show the prompt that a ranking runs, its token ids and where its markers stand')
    .option('--keep-tags', "leave the prompt's own tags, such as </passage>, in texts")
    .option(
      '--released',
      "handle texts as the model's released code does: control tokens and tags in them count",
    )
    .option('--json', 'print a JSON object a line for each block of up to 125 documents')
    .action(() => showPrompts(command, signal));
}

async function showPrompts(command: Command, signal: AbortSignal): Promise<void> {
  const options = command.opts<PromptCommandOptions>();
  const { model, json, instruction, keepTags, released } = options;
  const { query, documents } = await readInput(command, signal);
  using progressBar = new ProgressBar(process.stderr);
  const onProgress = progressBar.show;
  const onNotice = progressBar.notify;
  const checkpoint = await openModel(model, { hub: hubOptions(options), onProgress, onNotice, signal });
  progressBar.clear();
  await checkpoint.tensors.close();
  const tokenizer = new Tokenizer(checkpoint);
  const protocol = protocolOf(checkpoint, tokenizer);
  const request = checkRequest(query, documents, { instruction, keepTags, released }, protocol.limits);
  const prompts = finish(protocol.prompts(request, Number.POSITIVE_INFINITY));
  for (const prompt of prompts) {
    process.stdout.write(json ? `${JSON.stringify(promptRow(prompt))}\n` : promptView(prompt, tokenizer));
  }
}

/** What programs read of a prompt. */
function promptRow({ text, ids, documentPositions, queryPosition }: Prompt) {
  return { text, ids, documentPositions, queryPosition };
}

/** The text as its ids have it, so that only what is a control token looks like one. */
function promptView({ ids, documentPositions, queryPosition }: Prompt, tokenizer: Tokenizer): string {
  const text = tokenizer
    .decodeParts(ids)
    .map(({ text, isControl }) => (isControl ? styleText('magenta', text) : harmless(text)))
    .join('');
  const facts = [
    `${ids.length} tokens`,
    `document markers at ${documentPositions.join(', ')}`,
    `query marker at ${queryPosition}`,
  ];
  return `${text.trimEnd()}\n${styleText('dim', facts.join('\n'))}\n`;
}
