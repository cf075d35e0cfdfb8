/** What `rerank` and `prompt` work on: a query, documents, an instruction, a model. */
import type { Command } from 'commander';
import { withHome } from '../platform/node-home.js';
import { readDocuments, STANDARD_INPUT } from './documents.js';
import { addModel, type ModelOptions } from './model.js';

export interface InputOptions extends ModelOptions {
  readonly query?: string;
  readonly documents?: string;
  readonly instruction?: string;
}

export function addInput(command: Command): Command {
  const described = command
    .argument('[query]', 'what is looked for; with --query this is a document')
    .argument('[documents...]', 'texts to rank')
    .option('-q, --query <text>', 'what is looked for')
    .option(
      '-d, --documents <file>',
      'file of documents: .json (an array) or .jsonl (a value a line) of strings or {"text": …}; ' +
        'any other file holds a document a line; - reads lines from standard input, ' +
        'as does a pipe when no documents are given',
      withHome,
    )
    .option('-i, --instruction <text>', 'tells the model what counts as relevant');
  return addModel(described);
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
