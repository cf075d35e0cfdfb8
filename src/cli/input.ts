/** What `rerank` and `prompt` work on: a query, documents, an instruction, a model. */
import type { Command } from 'commander';
import { readDocuments, STANDARD_INPUT } from './documents.js';

export interface InputOptions {
  readonly query?: string;
  readonly documents?: string;
  readonly instruction?: string;
  readonly model?: string;
}

const MODEL_NOTE = `
A model is a folder with config.json, tokenizer.json, tokenizer_config.json and model.safetensors. The weights of
jinaai/jina-reranker-v3 are not part of listwise; Jina AI licenses them under CC BY-NC 4.0.`;

export function addInput(command: Command): Command {
  return command
    .argument('[query]', 'what is looked for; with --query this is a document')
    .argument('[documents...]', 'texts to rank')
    .option('-q, --query <text>', 'what is looked for')
    .option(
      '-d, --documents <file>',
      'file of documents: .json (an array) or .jsonl (a value a line) of strings or {"text": …}; ' +
        'any other file holds a document a line; - reads lines from standard input, ' +
        'as does a pipe when no documents are given',
    )
    .option('-i, --instruction <text>', 'tells the model what counts as relevant')
    .option(
      '-m, --model <folder>',
      'folder of a checkpoint in Hugging Face layout (default: the embedded model)',
    )
    .addHelpText('after', MODEL_NOTE);
}

/** Collects the query and the documents from wherever they were given. */
export async function readInput(
  command: Command,
  signal: AbortSignal,
): Promise<{ query: string; documents: string[] }> {
  const options = command.opts<InputOptions>();
  const [query, ...texts] = options.query === undefined ? command.args : [options.query, ...command.args];
  if (query === undefined || query.trim() === '') command.error('error: the query is missing');
  if (options.documents !== undefined && texts.length > 0) {
    command.error('error: documents are given both as arguments and with --documents');
  }
  if (texts.length > 0) return { query, documents: texts };
  if (options.documents === undefined && process.stdin.isTTY) {
    command.error(
      'error: the documents are missing: give them as arguments, with --documents or through a pipe',
    );
  }
  return { query, documents: await readDocuments(options.documents ?? STANDARD_INPUT, signal) };
}
