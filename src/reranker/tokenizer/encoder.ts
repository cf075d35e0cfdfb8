/**
 * Text to ids, from left to right and no further than asked.
 *
 *     text → normal form → pieces → bytes → tokens
 *
 * For the first tokens of a long text its beginning is enough. What of a beginning's ids is certain, whatever follows?
 * It is cut where no mark follows, so that no character of the normal form spans the cut. What normalisers and patterns
 * make of a place depends on what stands before, and on a few characters after it, white space not counted: all of a
 * run of white space may depend on what ends it. So the last `MARGIN` characters are not certain, nor is a run of white
 * space that reaches them. Pieces before are; of the piece that goes on, what its byte-pair encoding begins with,
 * whatever follows (`Bpe`).
 */
import { ListwiseError } from '../../error.js';
import type { Steps } from '../steps.js';
import type { Bpe } from './bpe.js';
import { endOfMarks } from './normal-form.js';
import type { Normaliser, TokenizerParts } from './parts.js';

/** How far ahead of a place normalisers and patterns look at most, in UTF-16 units. Those of Qwen look at one character. */
const MARGIN = 64;

/** A text is expected to have so many UTF-16 units for a token, at most. */
const UNITS_OF_TOKEN = 6;

/** Pieces as short as a word come again, so their ids are kept. Longer ones would keep the texts alive that they are of. */
const KEPT_LENGTH = 12;
const MOST_KEPT = 10_000;

/** Steps: so many pieces, or what a piece longer than `LONG` gives at a time. */
const PIECES = 64;
const LONG = 64; // UTF-16 units

const OTHER_WHITE_SPACE = [0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000];

export class Encoder {
  readonly #normalise: Normaliser;
  readonly #pattern: RegExp;
  readonly #bpe: Bpe;
  readonly #utf8 = new TextEncoder();
  readonly #kept = new Map<string, readonly number[]>();

  constructor({ normalise, pattern, bpe }: TokenizerParts) {
    this.#normalise = normalise;
    this.#pattern = pattern;
    this.#bpe = bpe;
  }

  /** The first `most` ids of a text. */
  *encode(text: string, most: number): Steps<number[]> {
    for (let length = UNITS_OF_TOKEN * most + 4 * MARGIN; ; length *= 4) {
      const end = cut(text, length);
      const isOpen = end < text.length;
      const ids = yield* this.#encodeBeginning(text.slice(0, end), isOpen, most);
      if (ids.length === most || !isOpen) return ids;
    }
  }

  /** The first `most` ids of a text that begins so; fewer where they are not certain yet. */
  *#encodeBeginning(text: string, isOpen: boolean, most: number): Steps<number[]> {
    const ids: number[] = [];
    if (text === '') return ids;
    const normal = yield* this.#normalise(text.toWellFormed());
    yield;
    const certain = isOpen ? certainLength(normal) : normal.length;
    let start = 0;
    let pieces = 0;
    for (const end of pieceEnds(normal, this.#pattern)) {
      if (start >= certain) break;
      const piece = normal.slice(start, Math.min(end, certain));
      for (const lot of this.#encodePiece(piece, end > certain)) {
        for (const id of lot) if (ids.push(id) === most) return ids;
        if (piece.length > LONG || ++pieces % PIECES === 0) yield;
      }
      start = end;
    }
    return ids;
  }

  #encodePiece(piece: string, isOpen: boolean): Iterable<readonly number[]> {
    if (isOpen || piece.length > KEPT_LENGTH) return this.#bpe.encode(this.#utf8.encode(piece), isOpen);
    let ids = this.#kept.get(piece);
    if (!ids) {
      ids = [...this.#bpe.encode(this.#utf8.encode(piece))].flat();
      if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
      this.#kept.set(piece, ids);
    }
    return [ids];
  }
}

/** Where a text is cut after about `length` units: between two characters, and before no mark. */
function cut(text: string, length: number): number {
  if (length >= text.length) return text.length;
  const end = splitsCharacter(text, length) ? length + 1 : length;
  return endOfMarks(text, end);
}

/** How much of the normal form of a beginning stays, whatever follows. */
function certainLength(normal: string): number {
  let length = Math.max(normal.length - MARGIN, 0);
  while (length > 0 && isWhiteSpace(normal.charCodeAt(length - 1))) length--;
  return splitsCharacter(normal, length) ? length - 1 : length;
}

/** Unicode's White_Space. A pattern would be asked for each of a million blanks. */
function isWhiteSpace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  return (unit >= 0x2000 && unit <= 0x200a) || OTHER_WHITE_SPACE.includes(unit);
}

function splitsCharacter(text: string, place: number): boolean {
  const isHigh = (unit: number) => (unit & 0xfc00) === 0xd800;
  return place > 0 && isHigh(text.charCodeAt(place - 1)) && (text.charCodeAt(place) & 0xfc00) === 0xdc00;
}

/** Where the pieces of a text end, one after the other. */
function* pieceEnds(text: string, pattern: RegExp): Generator<number, void> {
  let end = 0;
  try {
    for (const match of text.matchAll(pattern)) {
      if (match.index > end) yield match.index;
      end = match.index + match[0].length;
      if (end > match.index) yield end;
    }
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause; // the engine ran out of stack
    throw new ListwiseError('invalid-input', 'A text has a word of millions of characters.', { cause });
  }
  if (end < text.length) yield text.length;
}
