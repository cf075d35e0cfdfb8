/**
 * The prompt of one block: a template owns its structure, user text is put between the template's pieces.
 *
 * By default user text can't become a control token, loses the prompt's own tags (`</passage>`) and never passes through
 * the template engine. The released code of jina-reranker-v3 pastes user text into the prompt and deletes the two
 * markers from it; `released` does the same, to the byte.
 */
import { ListwiseError } from '../error.js';
import { sharedLength } from './prefix.js';
import { PromptTemplate } from './template.js';
import { DOCUMENT_MARKER, QUERY_MARKER, type Tokenizer } from './tokenizer.js';

export interface PromptInput {
  readonly query: string;
  readonly documents: readonly string[];
  readonly instruction?: string | undefined;
  /** How many documents the prompt announces: as many as there are by default. */
  readonly announced?: number | undefined;
}

export interface Prompt {
  /** For people. In the default mode control tokens that it shows inside user text are ordinary text. */
  readonly text: string;
  readonly ids: readonly number[];
  /** Where each document's marker stands in `ids`. */
  readonly documentPositions: readonly number[];
  /** Where the last query marker stands. */
  readonly queryPosition: number;
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

/** A stretch of a rendered template: its own words, or the place of a user's. */
interface Piece {
  readonly text: string;
  readonly fromUser: boolean;
}

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
  build(input: PromptInput): Prompt {
    const pieces = this.#pieces(input);
    const ids = this.#encode(pieces);
    const documentPositions = positionsOf(ids, this.#tokenizer.documentMarker);
    const queryPositions = positionsOf(ids, this.#tokenizer.queryMarker);
    const queryMarkers = pieces.reduce(
      (sum, { text, fromUser }) => sum + (fromUser ? 0 : text.split(QUERY_MARKER).length - 1),
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
    const text = pieces.map((piece) => piece.text).join('');
    return { text, ids, documentPositions, queryPosition: queryPositions.at(-1)! };
  }

  /** The first `limit` tokens of a text as text again; shorter texts stay as they are. */
  truncate(text: string, limit: number): { text: string; tokens: number } {
    const ids = this.#encode([{ text: text.toWellFormed(), fromUser: true }]);
    if (ids.length < limit) return { text, tokens: ids.length };
    return { text: this.#tokenizer.decode(ids.slice(0, limit)), tokens: limit };
  }

  #pieces({ query, documents, instruction, announced }: PromptInput): Piece[] {
    const userTexts: string[] = [];
    const place = (text: string) => `${OPEN}${userTexts.push(this.#harmless(text)) - 1}${CLOSE}`;
    const sanitised = (text: string) => (this.#released ? withoutMarkers(text) : text);
    const rendered = this.#template.render({
      query: place(sanitised(query)),
      documents: documents.map((document) => place(sanitised(document))),
      instruction: instruction ? place(instruction) : null,
      count: announced ?? documents.length,
    });
    return rendered
      .split(new RegExp(`${OPEN}(\\d+)${CLOSE}`, 'u'))
      .map((part, i) =>
        i % 2 === 0 ? { text: part, fromUser: false } : { text: userTexts[Number(part)]!, fromUser: true },
      );
  }

  #harmless(text: string): string {
    const wellFormed = text.toWellFormed();
    return this.#keepTags ? wellFormed : this.#template.withoutTags(wellFormed);
  }

  /** Stretches between control tokens are tokenised as one: white space merges across the borders of pieces. */
  #encode(pieces: readonly Piece[]): number[] {
    const ids: number[] = [];
    let stretch = '';
    const flush = () => {
      for (const id of this.#tokenizer.encodePlain(stretch)) ids.push(id);
      stretch = '';
    };
    for (const { text, fromUser } of pieces) {
      const parts = fromUser && !this.#released ? [text] : this.#tokenizer.splitControlTokens(text);
      for (const part of parts) {
        if (typeof part === 'string') {
          stretch += part;
        } else {
          flush();
          ids.push(part);
        }
      }
    }
    flush();
    return ids;
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
  const one = builder.build({ query: 'a', documents: ['b'] });
  const other = builder.build({ query: 'c', documents: ['d', 'e'], instruction: 'f' });
  return one.ids.slice(0, sharedLength(one.ids, other.ids));
}
