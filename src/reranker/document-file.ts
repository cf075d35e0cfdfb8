/** Documents out of a file's bytes, as the command line and the page read them. */
import { ListwiseError } from '../error.js';

/**
 * `.json` holds an array and `.jsonl` a value a line, each a string or `{"text": string}`; anything else is text with
 * a document a line. Blank lines count for nothing. `name` is the file's. Throws `invalid-input`.
 */
export function documentsOf(bytes: Uint8Array, name: string): string[] {
  const text = decode(bytes, name);
  if (/\.json$/i.test(name)) return documentsOfArray(text, name);
  const numbered = lines(text);
  if (!/\.jsonl$/i.test(name)) return numbered.map(({ line }) => line);
  return numbered.map(({ line, number }) => {
    const place = `${name}:${number}`;
    return documentOf(parse(line, place), place);
  });
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
