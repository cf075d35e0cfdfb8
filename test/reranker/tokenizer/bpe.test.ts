/** Byte-pair encoding against the plainest way to do it, with tables of merges that chance made. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bpe } from '../../../src/reranker/tokenizer/bpe.js';
import { Vocabulary } from '../../../src/reranker/tokenizer/vocabulary.js';
import { reproducible } from '../../support/hostile-text.js';

/** Four letters and what merges make of them, learned in any order: parts may come after what is made of them. */
const LETTERS = 'abcd';

interface Table {
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
}

const tables: fc.Arbitrary<Table> = fc
  .array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 25 })
  .chain((choices) => {
    const tokens = [...LETTERS];
    const merges: [string, string][] = [];
    for (const [a, b] of choices) {
      const pair: [string, string] = [tokens[a % tokens.length]!, tokens[b % tokens.length]!];
      if (pair.join('').length > 12 || merges.some(([x, y]) => x === pair[0] && y === pair[1])) continue;
      merges.push(pair);
      if (!tokens.includes(pair.join(''))) tokens.push(pair.join(''));
    }
    return fc.oneof(
      fc.constant({ tokens, merges }),
      fc
        .shuffledSubarray(merges, { minLength: merges.length })
        .map((shuffled) => ({ tokens, merges: shuffled })),
    );
  });

const texts = fc.oneof(
  fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 129, maxLength: 400 }),
  fc
    .tuple(
      fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 6 }),
      fc.integer({ min: 129, max: 700 }),
    )
    .map(([unit, length]) => unit.repeat(length).slice(0, length)),
);

/** What visible characters below U+007F are written as is themselves; all other bytes have tokens that no text uses. */
function bpeOf({ tokens, merges }: Table): Bpe {
  const vocabulary = new Vocabulary(
    [...tokens.entries()].map(([id, token]) => [token, id] as const).concat(otherBytes(tokens)),
  );
  const ids = new Map(tokens.map((token, id) => [token, id]));
  return new Bpe(vocabulary, {
    left: Int32Array.from(merges, ([left]) => ids.get(left)!),
    right: Int32Array.from(merges, ([, right]) => ids.get(right)!),
  });
}

function otherBytes(tokens: readonly string[]): (readonly [string, number])[] {
  const written = [...Array(0x144).keys()].map((code) => String.fromCharCode(code));
  return written
    .filter((each) => !tokens.includes(each))
    .map((each, i) => [each, tokens.length + i] as const);
}

function plainly(text: string, { merges }: Table): string[] {
  const parts = [...text];
  const ranks = new Map(merges.map(([left, right], rank) => [`${left} ${right}`, rank]));
  for (;;) {
    const all = parts.slice(1).map((part, i) => ranks.get(`${parts[i]} ${part}`) ?? Infinity);
    const best = all.reduce((least, rank) => Math.min(least, rank), Infinity);
    if (best === Infinity) return parts;
    const place = all.indexOf(best);
    parts.splice(place, 2, parts[place]! + parts[place + 1]!);
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('byte-pair encoding', () => {
  it('of pieces of any length merges the pair first that was learned first, the leftmost of equals', () => {
    fc.assert(
      fc.property(tables, texts, fc.nat(), (table, text, length) => {
        const bpe = bpeOf(table);
        for (const piece of [text, text.slice(0, length % 129)]) {
          const tokens = [...bpe.encode(bytesOf(piece))].flat().map((id) => table.tokens[id]!);
          expect(tokens).toEqual(plainly(piece, table));
        }
      }),
      reproducible,
    );
  });

  it('of a piece that goes on gives what stays, whatever follows, and leaves little', () => {
    fc.assert(
      fc.property(tables, texts, texts, fc.nat(), (table, text, rest, cut) => {
        const bpe = bpeOf(table);
        const certain = [...bpe.encode(bytesOf(text), true)].flat();
        for (const end of [0, cut % rest.length, rest.length]) {
          const whole = [...bpe.encode(bytesOf(text + rest.slice(0, end)))].flat();
          expect(whole.slice(0, certain.length)).toEqual(certain);
        }
      }),
      reproducible,
    );
  });

  it('hands tokens out as it reads, and knows those of one letter a thousand times over', () => {
    const table: Table = {
      tokens: ['a', 'b', 'c', 'd', 'aa', 'aaaa'],
      merges: [
        ['a', 'a'],
        ['aa', 'aa'],
      ],
    };
    const lots = [...bpeOf(table).encode(bytesOf('a'.repeat(10_001)), true)];
    expect(lots.length).toBeGreaterThan(5);
    expect(lots.flat().length).toBeGreaterThan(2490);
    expect(new Set(lots.flat())).toEqual(new Set([5]));
  });

  it('needs a token for each byte, and one for whatever merges make', () => {
    const none = { left: new Int32Array(0), right: new Int32Array(0) };
    expect(() => new Bpe(new Vocabulary([['a', 0]]), none)).toThrow(/no token stands for the byte 0/);
    expect(() => bpeOf({ tokens: ['a', 'b', 'c', 'd'], merges: [['a', 'b']] })).toThrow(/what merge 0 makes/);
  });
});
