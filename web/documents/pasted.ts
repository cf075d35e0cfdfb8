/** Documents out of what a visitor typed or pasted, or has in a plain text file. */
import type { Passage } from './passage.js';
import { passagesOf, SINGLE } from './passages.js';

/** A blank line between two others. */
const BLANK_LINE_BETWEEN = /\S[^\n]*\n[^\S\n]*\n\s*\S/;

/** Paragraphs where blank lines separate some, else lines. What is longer than the model reads is split. */
export function documentsOfText(text: string): Passage[] {
  const unix = text.replaceAll('\r\n', '\n');
  const documents = BLANK_LINE_BETWEEN.test(unix) ? unix.split(/\n\s*\n/) : unix.split('\n');
  return documents.flatMap((document) => passagesOf([{ text: document }], SINGLE));
}
