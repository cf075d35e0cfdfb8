/** A document's text in stretches: sentences, words, or the model's tokens. */
import type { Tokenizer } from '../reranker/tokenizer.js';

/** In UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** How finely a text is taken apart. */
export type SpanKind = 'sentence' | 'word' | 'token';

export const SPAN_KINDS: readonly SpanKind[] = ['sentence', 'word', 'token'];

/** All of the text but blanks by themselves. */
export function spansOf(text: string, kind: SpanKind, tokenizer: Tokenizer): Span[] {
  return kind === 'token' ? tokenSpans(text, tokenizer) : segments(text, kind);
}

/** By Unicode's rules (UAX 29), and by dictionaries where no blanks stand between words. Blanks after a word go with it. */
function segments(text: string, granularity: 'sentence' | 'word'): Span[] {
  const spans: { start: number; end: number }[] = [];
  for (const { segment, index } of new Intl.Segmenter(undefined, { granularity }).segment(text)) {
    const last = spans.at(-1);
    if (segment.trim() !== '') spans.push({ start: index, end: index + segment.length });
    else if (last) last.end = index + segment.length;
  }
  return spans;
}

/**
 * Tokens that hold a part of a character go together. Tokenizers may write small letters for large ones; what one writes
 * otherwise still than the text is left out.
 */
function tokenSpans(text: string, tokenizer: Tokenizer): Span[] {
  const small = text.toLowerCase();
  const haystack = small.length === text.length ? small : text;
  const spans: Span[] = [];
  let open: number[] = [];
  let position = 0;
  for (const id of tokenizer.encodePlain(text)) {
    open.push(id);
    const piece = tokenizer.decode(open).trim();
    if (piece.includes('\ufffd')) continue;
    open = [];
    const start = haystack.indexOf(haystack === text ? piece : piece.toLowerCase(), position);
    if (start < 0 || piece === '') continue;
    position = start + piece.length;
    spans.push({ start, end: position });
  }
  return spans;
}
