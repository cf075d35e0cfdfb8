/** Reads documents from a file or from standard input. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ListwiseError } from '../error.js';

export const STANDARD_INPUT = '-';

/**
 * The documents of a file: `.json` holds an array and `.jsonl` a value a line, each a string or `{"text": string}`;
 * any other file, and standard input, is text with a document a line. Blank lines count for nothing.
 */
export async function readDocuments(file: string, signal: AbortSignal): Promise<string[]> {
  const name = file === STANDARD_INPUT ? 'standard input' : file;
  const text = decode(
    file === STANDARD_INPUT ? await readStandardInput(signal) : await readBytes(file, signal),
    name,
  );
  switch (extname(file).toLowerCase()) {
    case '.json':
      return documentsOfArray(text, name);
    case '.jsonl':
      return lines(text).map(({ line, number }) =>
        documentOf(parse(line, `${name}:${number}`), `${name}:${number}`),
      );
    default:
      return lines(text).map(({ line }) => line);
  }
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

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ListwiseError('invalid-input', `${name} is not UTF-8 text.`, { cause });
  }
}

/** Lines that are not blank, numbered from 1. */
function lines(text: string): { line: string; number: number }[] {
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '');
}

function documentsOfArray(text: string, name: string): string[] {
  const values = parse(text, name);
  if (!Array.isArray(values)) throw notADocument(`${name} is not an array`);
  return values.map((value: unknown, index) => documentOf(value, `${name}: element ${index}`));
}

function parse(json: string, place: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new ListwiseError('invalid-input', `${place} is not JSON.`, { cause });
  }
}

function documentOf(value: unknown, place: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string')
    return value.text;
  throw notADocument(`${place} is not a document`);
}

function notADocument(what: string): ListwiseError {
  return new ListwiseError('invalid-input', `${what}.`, {
    hint: '.json holds an array and .jsonl a value a line: strings, or objects like {"text": "…"}.',
  });
}
