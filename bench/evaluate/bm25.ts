/** BM25, what a reranker is to beat: how well a document matches a query's words. weights/train/bm25.py in TypeScript. */

const K1 = 0.9;
const B = 0.4;

/** What Python calls a word: unlike `\w` with the flag `u`, it has letters and numbers of every script. */
const WORD = /[\p{L}\p{N}_]+/gu;
const STOP_WORDS: ReadonlySet<string> = new Set(
  'a an and are as at be by can for from has in is it its of on or that the this to with you your which will not'.split(
    ' ',
  ),
);

/** Chinese and Japanese have no blanks between words: their characters count in pairs. */
const IDEOGRAPHS = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+/u;

/** The words that count, in lower case. */
export function terms(text: string): string[] {
  return (text.toLowerCase().match(WORD) ?? []).filter((word) => !STOP_WORDS.has(word)).flatMap(pairs);
}

function pairs(word: string): string[] {
  return word.split(new RegExp(`(${IDEOGRAPHS.source})`, 'u')).flatMap((part) => {
    const characters = Array.from(part);
    if (!IDEOGRAPHS.test(part) || characters.length === 1) return part === '' ? [] : [part];
    return characters.slice(1).map((character, i) => characters[i]! + character);
  });
}

interface CountedDocument {
  readonly frequencies: ReadonlyMap<string, number>;
  readonly length: number;
}

export class BM25 {
  readonly #documents: readonly CountedDocument[];
  readonly #meanLength: number;
  /** How many documents have a term. */
  readonly #spread: ReadonlyMap<string, number>;

  constructor(documents: readonly string[]) {
    this.#documents = documents.map((document) => {
      const found = terms(document);
      return { frequencies: count(found), length: found.length };
    });
    this.#meanLength = this.#documents.reduce((sum, { length }) => sum + length, 0) / documents.length;
    this.#spread = count(this.#documents.flatMap(({ frequencies }) => [...frequencies.keys()]));
  }

  /** Of the documents at these places of the collection. */
  scores(query: string, places: readonly number[]): number[] {
    const asked = terms(query);
    return places.map((place) => asked.reduce((sum, term) => sum + this.#weight(term, place), 0));
  }

  /** What a term adds to a document's score. */
  #weight(term: string, place: number): number {
    const { frequencies, length } = this.#documents[place]!;
    const frequency = frequencies.get(term) ?? 0;
    const norm = K1 * (1 - B + (B * length) / this.#meanLength);
    return (this.#rarity(term) * frequency * (K1 + 1)) / (frequency + norm);
  }

  #rarity(term: string): number {
    const spread = this.#spread.get(term) ?? 0;
    return Math.log(1 + (this.#documents.length - spread + 0.5) / (spread + 0.5));
  }
}

function count(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
