/**
 * The prompt of one block: a template owns its structure, user text is put between the template's pieces.
 *
 * By default user text can't become a control token, loses the prompt's own tags (`</passage>`) and never passes through
 * the template engine. The released code of jina-reranker-v3 pastes user text into the prompt and deletes the two
 * markers from it; `released` does the same, to the byte.
 */
import { ListwiseError } from '../error.js';
import type { TruncationSide } from './options.js';
import { sharedLength } from './prefix.js';
import { finish, type Steps } from './steps.js';
import { PromptTemplate } from './template.js';
import { DOCUMENT_MARKER, QUERY_MARKER, type Tokenizer } from './tokenizer.js';

export interface PromptInput {
  readonly query: string;
  readonly documents: readonly string[];
  readonly instruction?: string | undefined;
  /** How many documents the prompt announces: as many as there are by default. */
  readonly announced?: number | undefined;
}

/** Where a part of a prompt comes from: the template, or a text of the user's. */
export type Source =
  | { readonly kind: 'template' }
  | { readonly kind: 'query' | 'instruction' }
  | { readonly kind: 'document'; readonly document: number };

/** A part of a prompt as text. */
export interface Piece {
  readonly text: string;
  readonly source: Source;
}

/** Pieces that were tokenised as one, or a single control token. */
export interface Stretch {
  readonly pieces: readonly Piece[];
  readonly ids: readonly number[];
}

/** A prompt as the model reads it, and where in it the markers stand. */
export interface Prompt {
  /** For people. In the default mode control tokens that it shows inside user text are ordinary text. */
  readonly text: string;
  readonly ids: readonly number[];
  /** What the ids were made of. */
  readonly stretches: readonly Stretch[];
  /** Where each document's marker stands in `ids`. */
  readonly documentPositions: readonly number[];
  /** Where the last query marker stands. A prompt that is read at its end has that place alone, for both. */
  readonly queryPosition: number;
}

/** The places of all markers, in their order. */
export function markersOf({ documentPositions, queryPosition }: Prompt): number[] {
  return [...new Set([...documentPositions, queryPosition])];
}

/** Tokens that are run: attention is causal, so nothing after the query's marker can change a score. */
export function promptLength(prompt: Prompt): number {
  return prompt.queryPosition + 1;
}

export function runIds(prompt: Prompt): readonly number[] {
  return prompt.ids.slice(0, promptLength(prompt));
}

/** How a builder treats user text. */
export interface PromptOptions {
  readonly template?: PromptTemplate | undefined;
  readonly released?: boolean | undefined;
  /** Leaves the prompt's own tags in user text. */
  readonly keepTags?: boolean | undefined;
}

/** Stand for user text while the template is rendered; private-use characters keep them out of any template. */
const OPEN = '\uF8F0';
const CLOSE = '\uF8F1';

const TEMPLATE: Source = { kind: 'template' };

export class PromptBuilder {
  readonly #tokenizer: Tokenizer;
  readonly #template: PromptTemplate;
  readonly #released: boolean;
  readonly #keepTags: boolean;

  constructor(
    tokenizer: Tokenizer,
    { template = new PromptTemplate(), released = false, keepTags = false }: PromptOptions = {},
  ) {
    this.#tokenizer = tokenizer;
    this.#template = template;
    this.#released = released;
    this.#keepTags = released || keepTags;
  }

  /** Throws `invalid-input` if a text brought a marker into the prompt. */
  *build(input: PromptInput): Steps<Prompt> {
    const pieces = this.#pieces(input);
    const stretches = yield* this.#encode(pieces);
    const ids = stretches.flatMap((stretch) => stretch.ids);
    const text = pieces.map((piece) => piece.text).join('');
    return { text, ids, stretches, ...this.#places(ids, pieces, input) };
  }

  /** Where the prompt is read. */
  #places(
    ids: readonly number[],
    pieces: readonly Piece[],
    input: PromptInput,
  ): Pick<Prompt, 'documentPositions' | 'queryPosition'> {
    if (this.#template.readAt === 'end') {
      const end = ids.length - 1;
      return { documentPositions: [end], queryPosition: end };
    }
    const documentPositions = positionsOf(ids, this.#tokenizer.documentMarker);
    const queryPositions = positionsOf(ids, this.#tokenizer.queryMarker);
    const queryMarkers = pieces.reduce(
      (sum, { text, source }) => sum + (source === TEMPLATE ? text.split(QUERY_MARKER).length - 1 : 0),
      0,
    );
    if (documentPositions.length !== input.documents.length || queryPositions.length !== queryMarkers) {
      throw new ListwiseError(
        'invalid-input',
        `The prompt holds ${documentPositions.length} document markers and ${queryPositions.length} query markers ` +
          `where its template puts ${input.documents.length} and ${queryMarkers}.`,
        {
          hint: 'A text smuggled a marker in, which the released handling lets happen: use the default one.',
        },
      );
    }
    return { documentPositions, queryPosition: queryPositions.at(-1)! };
  }

  /** A text cut to `limit` tokens at its end, or at its start; shorter texts stay as they are. */
  *truncate(
    text: string,
    limit: number,
    side: TruncationSide = 'end',
  ): Steps<{ text: string; tokens: number }> {
    const parts = this.#released ? this.#tokenizer.splitControlTokens(text) : [text];
    const ids = yield* this.#tokenizer.encodeParts(parts, side === 'end' ? limit : undefined);
    if (ids.length < limit) return { text, tokens: ids.length };
    return { text: this.#tokenizer.decode(side === 'end' ? ids : ids.slice(-limit)), tokens: limit };
  }

  #pieces({ query, documents, instruction, announced }: PromptInput): Piece[] {
    const userTexts: Piece[] = [];
    const place = (text: string, source: Source) =>
      `${OPEN}${userTexts.push({ text: this.#harmless(text), source }) - 1}${CLOSE}`;
    const strips = this.#released && this.#template.readAt === 'markers';
    const sanitised = (text: string) => (strips ? withoutMarkers(text) : text);
    const rendered = this.#template.render({
      query: place(sanitised(query), { kind: 'query' }),
      documents: documents.map((text, document) => place(sanitised(text), { kind: 'document', document })),
      instruction: instruction ? place(instruction, { kind: 'instruction' }) : null,
      count: announced ?? documents.length,
    });
    return rendered
      .split(new RegExp(`${OPEN}(\\d+)${CLOSE}`, 'u'))
      .map((part, i) => (i % 2 === 0 ? { text: part, source: TEMPLATE } : userTexts[Number(part)]!));
  }

  #harmless(text: string): string {
    const wellFormed = text.toWellFormed();
    return this.#keepTags ? wellFormed : this.#template.withoutTags(wellFormed);
  }

  /** What stands between control tokens is tokenised as one: white space merges across the borders of pieces. */
  *#encode(pieces: readonly Piece[]): Steps<Stretch[]> {
    const stretches: Stretch[] = [];
    let open: Piece[] = [];
    const encodePlain = (text: string) => this.#tokenizer.encodeParts([text]);
    const close = function* (): Steps<void> {
      const ids = yield* encodePlain(open.map(({ text }) => text).join(''));
      if (ids.length > 0) stretches.push({ pieces: open, ids });
      open = [];
    };
    for (const { text, source } of pieces) {
      const isPlain = source !== TEMPLATE && !this.#released;
      for (const part of isPlain ? [text] : this.#tokenizer.splitControlTokens(text)) {
        if (typeof part === 'string') {
          open.push({ text: part, source });
        } else {
          yield* close();
          stretches.push({ pieces: [{ text: '', source }], ids: [part] });
        }
      }
    }
    yield* close();
    return stretches;
  }
}

/** As the released code does it: one pass for each marker, which lets nested ones survive. */
function withoutMarkers(text: string): string {
  return text.replaceAll(QUERY_MARKER, '').replaceAll(DOCUMENT_MARKER, '');
}

function positionsOf(ids: readonly number[], wanted: number): number[] {
  return ids.flatMap((id, position) => (id === wanted ? [position] : []));
}

/** The tokens that every prompt of a form begins with, whatever the texts and their number. */
export function headOf(tokenizer: Tokenizer, template: PromptTemplate): readonly number[] {
  const builder = new PromptBuilder(tokenizer, { template });
  const one = finish(builder.build({ query: 'a', documents: ['b'] }));
  const other = finish(builder.build({ query: 'c', documents: ['d', 'e'], instruction: 'f' }));
  return one.ids.slice(0, sharedLength(one.ids, other.ids));
}
