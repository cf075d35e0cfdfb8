/** Reads documents from a file or from standard input. */
import { readFile } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ListwiseError } from '../error.js';
import { documentsOf } from '../reranker/document-file.js';

export const STANDARD_INPUT = '-';

/** The documents of a file, or of standard input. */
export async function readDocuments(file: string, signal: AbortSignal): Promise<string[]> {
  if (file === STANDARD_INPUT) return documentsOf(await readStandardInput(signal), 'standard input');
  return documentsOf(await readBytes(file, signal), file);
}

async function readStandardInput(signal: AbortSignal): Promise<Uint8Array> {
  return buffer(addAbortSignal(signal, process.stdin));
}

async function readBytes(file: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await readFile(file, { signal });
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const why = missing
      ? 'is not there'
      : `can't be read (${cause instanceof Error ? cause.message : cause})`;
    throw new ListwiseError('invalid-input', `${file} ${why}.`, {
      cause,
      hint: 'Give a .txt, .jsonl or .json file of documents, or - for standard input.',
    });
  }
}
