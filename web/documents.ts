/** Documents out of what a visitor typed, pasted or dropped. */

/** More than this can be pasted, but a text field is then no longer a good place for it. */
const LARGEST_FILE = 10_000_000; // bytes

/** A document a line; blank lines count for nothing. */
export function documentsOfText(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

/** The reverse, with a blank line between documents, so that long ones are told apart. */
export function textOfDocuments(documents: readonly string[]): string {
  return documents.map((document) => document.replaceAll(/\s*\n\s*/g, ' ').trim()).join('\n\n');
}

/**
 * The documents of a file, read as the command line does: `.json` holds an array and `.jsonl` a value a line, each a
 * string or `{"text": string}`; any other file has a document a line. Throws an Error for people.
 */
export async function documentsOfFile(file: File): Promise<string[]> {
  if (file.size > LARGEST_FILE) {
    throw new Error(`${file.name} has ${Math.round(file.size / 1e6)} MB; this page takes files up to 10 MB.`);
  }
  const lines = documentsOfText(await textOf(file));
  const documents = file.name.toLowerCase().endsWith('.json')
    ? documentsOfArray(parse(lines.join('\n'), file.name), file.name)
    : file.name.toLowerCase().endsWith('.jsonl')
      ? lines.map((line, index) => documentOf(parse(line, file.name), file.name, index))
      : lines;
  if (documents.length === 0) throw new Error(`${file.name} is empty.`);
  return documents;
}

async function textOf(file: File): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch (cause) {
    throw new Error(`${file.name} is not a text file in UTF-8.`, { cause });
  }
}

function parse(json: string, name: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new Error(`${name} is not valid JSON.`, { cause });
  }
}

function documentsOfArray(value: unknown, name: string): string[] {
  if (!Array.isArray(value)) throw new Error(`${name} holds no array of documents.`);
  return value.map((element: unknown, index) => documentOf(element, name, index));
}

function documentOf(value: unknown, name: string, index: number): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string')
    return value.text;
  throw new Error(`Entry ${index + 1} of ${name} is no text: expected a string or {"text": "…"}.`);
}
