/** The first ids of a text, encoded as far as they take, against the whole encoded by Hugging Face's package and cut. */
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finish } from '../../../src/reranker/steps.js';
import { NEWER_CHARACTERS } from '../../../src/reranker/tokenizer/newer-characters.js';
import { hostileText, reproducible } from '../../support/hostile-text.js';
import {
  embeddedTokenizer,
  embeddedTokenizerFiles,
  qwen3Tokenizer,
  qwen3TokenizerFiles,
} from '../../support/tokenizers.js';

const TOKENIZERS = [
  { name: 'qwen3', tokenizer: qwen3Tokenizer(), files: qwen3TokenizerFiles() },
  { name: 'embedded', tokenizer: embeddedTokenizer(), files: embeddedTokenizerFiles() },
] as const;

/** What may stand on both sides of a cut, and what runs into whatever follows. */
const PARTS = [
  ...[
    'a',
    ' word',
    "I'll",
    "'re",
    "'LL'd",
    '1',
    ' 12',
    '.',
    ' (',
    '—',
    '"\n',
    '!\r\n',
    'Straße',
    'ΟΔΥΣΣΕΥΣ',
    'İ',
  ],
  ...[' ', '  ', '\n', ' \n', '\r\n', '\t', '\u00a0', '\u3000', '\u0085', '\u2028', '\ufeff'],
  ...[
    '中',
    '検索する',
    '、',
    'ｶﾀ',
    'กำลัง',
    '한국어',
    '\u1112\u1161\u11ab',
    'हिन्दी',
    'العَرَبِيَّة',
    '\u0640',
    '\u064e',
    'أ',
  ],
  ...[
    'e\u0301',
    '\u0301',
    '\u0334\u0301',
    'q\u0307\u0323',
    '\u0958',
    '👩🏿\u200d🚀',
    '🇩🇪',
    '𠜎',
    '\ud800',
    '<|im_end|>',
  ],
];

const texts = fc
  .array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.array(fc.constantFrom(...PARTS), { maxLength: 20 }).map((parts) => parts.join('')),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom(...PARTS), fc.integer({ min: 20, max: 900 }))
          .map(([part, count]) => part.repeat(count)),
      },
      { weight: 1, arbitrary: hostileText },
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))
  // The package takes the engine's tables, whatever their edition.
  .filter((text) => !new RegExp(`[${NEWER_CHARACTERS}]`, 'u').test(text));

describe.each(TOKENIZERS)('the tokenizer $name', ({ tokenizer, files }) => {
  const whole = new HuggingFaceTokenizer({ ...files.tokenizer, added_tokens: [] }, {});
  const idsOf = (text: string) =>
    text === '' ? [] : whole.encode(text.toWellFormed(), { add_special_tokens: false }).ids;

  it('gives the ids that the whole text begins with, however many are asked for', () => {
    fc.assert(
      fc.property(
        texts,
        fc.array(fc.double({ min: 0, max: 1.1, noNaN: true }), { maxLength: 4 }),
        (text, shares) => {
          const ids = idsOf(text);
          expect(tokenizer.encodePlain(text)).toEqual(ids);
          for (const most of [1, 2, 40, ...shares.map((share) => Math.ceil(share * ids.length) + 1)]) {
            expect(finish(tokenizer.encodeParts([text], most))).toEqual(ids.slice(0, most));
          }
        },
      ),
      reproducible,
    );
  });

  it.each(PARTS)('cuts runs of %j wherever it may', (part) => {
    for (const [before, after] of [
      ['', ''],
      ['a', 'b'],
      ['x ', '中'],
      ['\n', '\n'],
    ] as const) {
      const text = before + part.repeat(700) + after;
      const ids = idsOf(text);
      for (const most of [1, 3, 100, 333]) {
        expect(finish(tokenizer.encodeParts([text], most))).toEqual(ids.slice(0, most));
      }
    }
  });

  it('counts ids between texts', () => {
    expect(finish(tokenizer.encodeParts([7, 'a', 8, 9, 'b'], 3))).toEqual([7, ...idsOf('a'), 8]);
    expect(finish(tokenizer.encodeParts(['a', 8, 'b']))).toEqual([...idsOf('a'), 8, ...idsOf('b')]);
  });

  it('goes on in steps, many for much, few for the little of it that is asked for', () => {
    const stepsOf = (text: string, most?: number) => {
      const steps = tokenizer.encodeParts([text], most);
      let count = 0;
      while (!steps.next().done) count++;
      return count;
    };
    for (const text of ['中文文本检索'.repeat(50_000), 'a'.repeat(300_000), 'some words '.repeat(30_000)]) {
      const all = stepsOf(text);
      expect(all).toBeGreaterThan(200);
      expect(stepsOf(text, 100)).toBeLessThan(all / 20);
    }
  });
});
