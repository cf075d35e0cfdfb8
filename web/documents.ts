/** Documents out of what a visitor typed, pasted or dropped. */
import { documentsOf } from '../src/reranker/document-file.js';

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

/** The documents of a file, read as the command line reads it. Throws an Error for people. */
export async function documentsOfFile(file: File): Promise<string[]> {
  if (file.size > LARGEST_FILE) {
    throw new Error(`${file.name} has ${Math.round(file.size / 1e6)} MB; this page takes files up to 10 MB.`);
  }
  const documents = documentsOf(new Uint8Array(await file.arrayBuffer()), file.name);
  if (documents.length === 0) throw new Error(`${file.name} is empty.`);
  return documents;
}
