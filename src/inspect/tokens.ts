/** The tokens of a prompt, each with what it belongs to. */
import { sharedLength } from '../reranker/prefix.js';
import type { Piece, Prompt, Source } from '../reranker/prompt.js';
import type { Tokenizer } from '../reranker/tokenizer.js';

/**
 * What a token belongs to: what stands before the documents, the query's words wherever they stand, the instruction's,
 * a document with the tags around it, a marker (the query's has no document), or what comes after the last document.
 */
export type TokenPart =
  | { readonly kind: 'head' | 'query' | 'instruction' | 'closing' }
  | { readonly kind: 'document'; readonly document: number }
  | { readonly kind: 'marker'; readonly document: number | undefined };

/** One token of a prompt. */
export interface PromptToken {
  readonly id: number;
  /** As it reads by itself: a part of a character is `�`. */
  readonly text: string;
  readonly part: TokenPart;
  /** Whether a user's text brought it, not the template. */
  readonly fromUser: boolean;
}

/** Up to the query's marker: what comes after it is not run. */
export function tokensOf(prompt: Prompt, tokenizer: Tokenizer): PromptToken[] {
  const sources = prompt.stretches.flatMap(({ ids, pieces }) => sourcesOf(ids, pieces, tokenizer));
  const markers = new Map(prompt.documentPositions.map((position, document) => [position, document]));
  const documents = prompt.documentPositions.length;
  const texts = new Map(Array.from(new Set(prompt.ids), (id) => [id, tokenizer.decode([id])] as const));
  let next = 0; // the document whose marker comes next
  return prompt.ids.slice(0, prompt.queryPosition + 1).map((id, position) => {
    const source = sources[position]!;
    const token = { id, text: texts.get(id)!, fromUser: source.kind !== 'template' };
    if (markers.has(position)) return { ...token, part: { kind: 'marker', document: next++ } };
    if (position === prompt.queryPosition) return { ...token, part: { kind: 'marker', document: undefined } };
    return { ...token, part: partOf(source, next, documents) };
  });
}

/** The template's own words belong to the document whose marker comes next, once the first has begun. */
function partOf(source: Source, next: number, documents: number): TokenPart {
  if (source.kind !== 'template') return source;
  if (next === 0) return { kind: 'head' };
  return next < documents ? { kind: 'document', document: next } : { kind: 'closing' };
}

/** Where each id of a stretch comes from. One that joins two pieces belongs to the first of them. */
function sourcesOf(ids: readonly number[], pieces: readonly Piece[], tokenizer: Tokenizer): Source[] {
  const sources: Source[] = [];
  let text = '';
  for (const [i, piece] of pieces.entries()) {
    text += piece.text;
    const end = i === pieces.length - 1 ? ids.length : endOf(tokenizer.encodePlain(text), ids);
    while (sources.length < end) sources.push(piece.source);
  }
  return sources;
}

/** How many of `ids` begin within their beginning, which was tokenised by itself. */
function endOf(beginning: readonly number[], ids: readonly number[]): number {
  const shared = sharedLength(beginning, ids);
  return shared === beginning.length ? shared : Math.min(shared + 1, ids.length);
}

/** Stretches of a prompt that attention is summed over: the head, the query, the instruction, each document, the closing. */
export interface Blocks {
  readonly names: readonly string[];
  /** The block of each token. */
  readonly of: readonly number[];
}

/** Markers belong to their document, the query's to the closing. */
export function blocksOf(tokens: readonly PromptToken[]): Blocks {
  const keys = tokens.map(({ part }) => blockName(part));
  const documents = tokens.filter(({ part }) => part.kind === 'marker' && part.document !== undefined).length;
  const all = [
    'head',
    'query',
    'instruction',
    ...Array.from({ length: documents }, (_, i) => `document ${i}`),
    'closing',
  ];
  const names = all.filter((name) => name !== 'instruction' || keys.includes(name));
  const places = new Map(names.map((name, i) => [name, i]));
  return { names, of: keys.map((key) => places.get(key)!) };
}

function blockName(part: TokenPart): string {
  if (part.kind !== 'document' && part.kind !== 'marker') return part.kind;
  return part.document === undefined ? 'closing' : `document ${part.document}`;
}
