/**
 * Byte-pair encoding: of the neighbours in a piece that may be merged, those whose merge was learned first become one
 * token, the leftmost of equals before the others, until none is left.
 *
 * Pieces without an end (a text in Chinese, one letter a million times) are encoded from left to right instead, in
 * time that grows with their length, and each token is known soon after it was read. What makes that exact: tokens
 * side by side are the encoding of their bytes if and only if every two neighbours are the encoding of theirs. For
 * merges never cross the borders of what comes out, so each part goes its own way, in its own order; and the first
 * merge that crossed a border would cross it between those two alone, too. Hence
 *
 * - the encoding of a beginning is one token behind the encoding of a shorter beginning, and only one such token fits;
 *   so the last token of each beginning is found from those before;
 * - the encoding of the whole goes through one of any `longest` neighbouring places. What the encodings up to all of
 *   them begin with stays, whatever follows.
 */
import { PairTable } from './pair-table.js';
import type { Vocabulary } from './vocabulary.js';

/** Pieces of so many bytes are merged pair by pair, in time that grows with the square of their length. */
const SHORT = 128;

/** After so many bytes of a long piece what is certain is handed out. */
const STRIDE = 1024;

/** After so many there is an empty lot: neighbours that are new take a while. */
const PAUSE = 64;

/** Pairs of neighbours that are remembered at most. */
const MOST_PAIRS = 2 ** 16;

/** Pairs of tokens that become one, in the order in which that was learned. */
export interface Merges {
  readonly left: Int32Array;
  readonly right: Int32Array;
}

export class Bpe {
  readonly #vocabulary: Vocabulary;
  /** The merge of two tokens: when it was learned. */
  readonly #ranks = new PairTable();
  /** What each merge makes. */
  readonly #merged: Int32Array;
  readonly #idOfByte: Int32Array;
  /** The vocabulary as a tree: by node and byte the next node. 0 is the root. */
  readonly #children = new PairTable();
  /** The token that ends at a node, or −1. */
  readonly #tokenAt: number[] = [-1];
  readonly #longest: number; // bytes
  #neighbours = new PairTable();
  #neighbourCount = 0;

  /** Throws a RangeError where no token stands for a byte, or for what a merge makes. */
  constructor(vocabulary: Vocabulary, { left, right }: Merges) {
    this.#vocabulary = vocabulary;
    this.#merged = new Int32Array(left.length);
    this.#idOfByte = new Int32Array(256).fill(-1);
    const nodes = new Int32Array(vocabulary.size);
    let longest = 0;
    for (let id = 0; id < vocabulary.size; id++) {
      const bytes = vocabulary.bytesOf(id);
      if (bytes.length === 0) continue;
      if (bytes.length === 1) this.#idOfByte[bytes[0]!] = id;
      longest = Math.max(longest, bytes.length);
      nodes[id] = this.#plant(id, bytes);
    }
    this.#longest = longest;
    const missing = this.#idOfByte.indexOf(-1);
    if (missing >= 0) throw new RangeError(`no token stands for the byte ${missing}`);
    for (let rank = 0; rank < left.length; rank++) {
      this.#ranks.set(left[rank]!, right[rank]!, rank);
      const merged = this.#tokenAt[this.#walk(nodes[left[rank]!]!, vocabulary.bytesOf(right[rank]!))] ?? -1;
      if (merged < 0) throw new RangeError(`no token stands for what merge ${rank} makes`);
      this.#merged[rank] = merged;
    }
  }

  /**
   * The tokens of a piece, in lots as they become certain. Of a piece that goes on beyond these bytes (`isOpen`), only
   * those that stay whatever follows.
   */
  encode(bytes: Uint8Array, isOpen = false): Iterable<number[]> {
    return bytes.length <= SHORT && !isOpen ? [this.#merge(bytes)] : this.#read(bytes, isOpen);
  }

  /** The node where a token ends. */
  #plant(id: number, bytes: Uint8Array): number {
    let node = 0;
    for (const byte of bytes) {
      let next = this.#children.get(node, byte);
      if (next < 0) {
        next = this.#tokenAt.push(-1) - 1;
        this.#children.set(node, byte, next);
      }
      node = next;
    }
    this.#tokenAt[node] = id;
    return node;
  }

  /** Where some bytes lead from a node; −1 where nowhere. */
  #walk(from: number, bytes: Uint8Array): number {
    let node = from;
    for (let i = 0; i < bytes.length && node >= 0; i++) node = this.#children.get(node, bytes[i]!);
    return node;
  }

  #merge(bytes: Uint8Array): number[] {
    const ids = Array.from(bytes, (byte) => this.#idOfByte[byte]!);
    const ranks = ids.slice(1).map((id, i) => this.#rank(ids[i]!, id));
    for (;;) {
      let first = 0;
      for (let i = 1; i < ranks.length; i++) if (ranks[i]! < ranks[first]!) first = i;
      const rank = ranks[first] ?? Infinity;
      if (rank === Infinity) return ids;
      ids.splice(first, 2, this.#merged[rank]!);
      ranks.splice(first, 1);
      if (first > 0) ranks[first - 1] = this.#rank(ids[first - 1]!, ids[first]!);
      if (first < ranks.length) ranks[first] = this.#rank(ids[first]!, ids[first + 1]!);
    }
  }

  #rank(left: number, right: number): number {
    const rank = this.#ranks.get(left, right);
    return rank < 0 ? Infinity : rank;
  }

  *#read(bytes: Uint8Array, isOpen: boolean): Generator<number[], void> {
    const last = new Int32Array(bytes.length + 1).fill(-1); // the last token of the encoding up to each place
    let certain = 0;
    for (let start = 0; start < bytes.length; start++) {
      this.#extend(bytes, start, last);
      if ((start + 1) % PAUSE === 0) yield [];
      if ((start + 1) % STRIDE > 0) continue;
      const end = this.#meeting(last, start + 1);
      yield this.#between(last, certain, end);
      certain = end;
    }
    const end = isOpen ? this.#meeting(last, bytes.length) : bytes.length;
    yield this.#between(last, certain, end);
  }

  /** Notes every token that begins at `start` and goes with the one before it. */
  #extend(bytes: Uint8Array, start: number, last: Int32Array): void {
    let node = 0;
    for (let end = start; end < bytes.length; ) {
      node = this.#children.get(node, bytes[end++]!);
      if (node < 0) return;
      const token = this.#tokenAt[node]!;
      if (token >= 0 && last[end]! < 0 && this.#fits(last[start]!, token)) last[end] = token;
    }
  }

  /** Whether two tokens are what their bytes are encoded as. At the beginning, −1, the second alone. */
  #fits(left: number, right: number): boolean {
    const known = this.#neighbours.get(left, right);
    if (known >= 0) return known === 1;
    const pair = left < 0 ? [right] : [left, right];
    const ids = this.#merge(Uint8Array.from(pair.flatMap((id) => [...this.#vocabulary.bytesOf(id)])));
    const fits = ids.length === pair.length && ids.every((id, i) => id === pair[i]);
    if (++this.#neighbourCount % MOST_PAIRS === 0) this.#neighbours = new PairTable();
    this.#neighbours.set(left, right, Number(fits));
    return fits;
  }

  /** Where the encodings up to the places before `end` part, of which any may be on the way of the whole. */
  #meeting(last: Int32Array, end: number): number {
    const open = new Set<number>();
    for (let place = Math.max(end - this.#longest + 1, 0); place <= end; place++) open.add(place);
    for (let place = end; open.size > 1; place--) {
      if (open.delete(place)) open.add(this.#before(last, place));
    }
    const [meeting = 0] = open;
    return meeting;
  }

  /** Where the last token of the encoding up to `place` begins. */
  #before(last: Int32Array, place: number): number {
    return place - this.#vocabulary.lengthOf(last[place]!);
  }

  #between(last: Int32Array, start: number, end: number): number[] {
    const ids: number[] = [];
    for (let place = end; place > start; place = this.#before(last, place)) ids.push(last[place]!);
    return ids.reverse();
  }
}
