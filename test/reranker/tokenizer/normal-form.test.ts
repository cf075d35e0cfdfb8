/** NFC of every character there is against golden/normal-form.json, which Hugging Face's tokenizers made. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finish } from '../../../src/reranker/steps.js';
import { NEWER_CHARACTERS } from '../../../src/reranker/tokenizer/newer-characters.js';
import { nfc as nfcInSteps } from '../../../src/reranker/tokenizer/normal-form.js';
import { reproducible } from '../../support/hostile-text.js';
import { qwen3Tokenizer, readJson } from '../../support/tokenizers.js';

const golden = readJson('golden/normal-form.json') as unknown as { blocks: string[]; pairs: string };

const nfc = (text: string) => finish(nfcInSteps(text));
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
const isSurrogate = (code: number) => code >= 0xd800 && code < 0xe000;

/** Where a character shows all that NFC may do with it, as golden/normal_form.py has it. */
const contexts = (x: string) => [x, `a${x}\u0334`, `a\u0345${x}`, `${x}\u0301`, `${x}${x}`, ''];

describe('the normal form', () => {
  it('of every character, alone and among marks, is Python’s', () => {
    const size = 0x110000 / golden.blocks.length;
    const blocks = golden.blocks.map((_, block) => {
      const codes = Array.from({ length: size }, (_, i) => block * size + i).filter(
        (code) => !isSurrogate(code),
      );
      const texts = codes.map((code) => contexts(String.fromCodePoint(code)).map(nfc).join('|'));
      return hashOf(texts.join(''));
    });
    expect(blocks).toEqual(golden.blocks);
  });

  it('of every two characters that Hugging Face’s tables lack is Python’s', () => {
    const newer = new RegExp(`[${NEWER_CHARACTERS}]`, 'u');
    const all = Array.from({ length: 0x110000 }, (_, code) => code)
      .filter((code) => !isSurrogate(code))
      .map((code) => String.fromCodePoint(code))
      .filter((character) => newer.test(character));
    expect(all).toHaveLength(227);
    expect(hashOf(all.flatMap((a) => all.map((b) => nfc(a + b))).join('|'))).toBe(golden.pairs);
  });

  it('of a mark of Unicode 11 gives the ids that Python gives', () => {
    expect(qwen3Tokenizer().encodePlain('\u0628\u08d3\u064e')).toEqual([21360, 156, 96, 241, 27910]);
  });

  it('of runs of marks, which are put in order here, is the engine’s', () => {
    const marks = fc.string({
      unit: fc.constantFrom(
        ...'\u0301\u0334\u0345\u0327\u0344\u0f73\u0f71\u064e\u0651\u05b0\u3099\u093e\u20dd\u{1d165}\u034f',
      ),
      minLength: 20,
      maxLength: 80,
    });
    fc.assert(
      fc.property(fc.constantFrom('', 'a', 'e\u0301', '\u0f40', '中'), marks, (before, run) => {
        expect(nfc(`${before}${run}x`)).toBe(`${before}${run}x`.normalize('NFC'));
      }),
      reproducible,
    );
  });

  it('of a hundred thousand marks takes no square of the time', () => {
    // The engine's own would take minutes.
    const run = nfc(`a${'\u0301\u0334'.repeat(50_000)}`);
    expect(run).toBe(`a${'\u0334'.repeat(50_000)}${'\u0301'.repeat(50_000)}`.normalize('NFC'));
  });
});
