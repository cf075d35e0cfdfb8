/** What the command line draws: harmless, within its width, and only on terminals. */
import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ProgressBar } from '../../src/cli/progress-bar.js';
import { rankingView } from '../../src/cli/ranking-view.js';
import { cutToWidth, oneLine } from '../../src/cli/terminal-text.js';

describe('text on a terminal', () => {
  test.each([
    ['leaves what fits', 'abcde', 5, 'abcde'],
    ['shows a cut', 'abcdef', 5, 'abcd…'],
    ['counts two columns for East Asian characters', '日本語の', 8, '日本語の'],
    ['does not cut a wide character in half', '日本語の', 6, '日本…'],
    ['keeps an emoji of several code points whole', '👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 5, '👩‍👩‍👧👩‍👩‍👧…'],
    ['counts an accent with its letter', 'e\u0301e\u0301e\u0301', 3, 'e\u0301e\u0301e\u0301'],
  ])('%s', (_, text, columns, expected) => {
    expect(cutToWidth(text, columns)).toBe(expected);
  });

  test('is one line without control and bidi characters', () => {
    expect(oneLine(' a\r\n\tb\u2028c \u0000\u007F\u0085\u2067d\u2069 ')).toBe('a b c ����d�');
  });
});

test('a ranking is aligned and as wide as the terminal, with a bar for each score above 0', () => {
  const ranking = Object.assign(
    [
      { index: 10, relevanceScore: 0.975, document: 'A document that is much too long for this line.' },
      { index: 2, relevanceScore: -0.1606, document: '狭い端末には長すぎる文書です。切られます。' },
    ],
    { scale: 'cosine' as const, tokens: 321, cachedTokens: 85 },
  );
  const reranker = { deviceDescription: 'abacus', model: 'embedded', dtype: 'q8' } as const;
  expect(stripVTControlCharacters(rankingView(ranking, reranker, 0.1234, 64)).split('\n')).toEqual([
    '1   0.9750  ███████████████████▌  [10]  A document that is much…',
    '2  -0.1606                         [2]  狭い端末には長すぎる文…',
    '321 tokens in 0.12 s · abacus · embedded model, q8',
    '',
  ]);
});

test('a diverse ranking has a column for what each document adds', () => {
  const ranking = Object.assign(
    [
      {
        index: 0,
        relevanceScore: 0.5,
        gain: 0.625,
        document: 'A document that is much too long for this line.',
      },
      { index: 1, relevanceScore: 0.75, gain: 0.05, document: 'Another.' },
    ],
    { scale: 'cosine' as const, tokens: 21, cachedTokens: 0 },
  );
  const reranker = { deviceDescription: 'abacus', model: 'embedded', dtype: 'f32' } as const;
  expect(
    stripVTControlCharacters(rankingView(ranking, reranker, 0.1, 70))
      .split('\n')
      .slice(0, 2),
  ).toEqual([
    '1  0.5000  ██████████            +62.5 %  [0]  A document that is muc…',
    '2  0.7500  ███████████████        +5.0 %  [1]  Another.',
  ]);
});

describe('the progress bar', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function terminal(isTTY: boolean) {
    const drawn: string[] = [];
    const stream = { isTTY, write: (text: string) => drawn.push(text) };
    return { drawn, bar: new ProgressBar(stream as unknown as WriteStream) };
  }

  test('appears on a terminal when a phase has taken half a second, and can be cleared', () => {
    const { drawn, bar } = terminal(true);
    bar.show({ phase: 'load', done: 1, total: 4 });
    vi.advanceTimersByTime(600);
    bar.show({ phase: 'load', done: 2, total: 4 });
    bar.show({ phase: 'rerank', done: 1, total: 4 });
    expect(drawn).toEqual([`\rloading  ${'█'.repeat(15)}${'░'.repeat(15)}   50 %`]);
    bar.clear();
    expect(drawn.slice(1).join('')).toBe(`\u001B[2K\u001B[1G`);
  });

  test('shows the megabytes of a download and its file, and leaves nothing of a longer line', () => {
    const { drawn, bar } = terminal(true);
    const download = (name: string) => {
      const file = { name, done: 5, total: 10 };
      bar.show({ phase: 'download', done: 512e6, total: 1192e6, file });
      vi.advanceTimersByTime(600);
    };
    for (const name of ['tokenizer_config.json', 'tokenizer_config.json', 'config.json']) download(name);
    const shown = `\rdownloading  ${'█'.repeat(12)}${'░'.repeat(18)}   42 %  512 of 1,192 MB`;
    expect(drawn[0]).toBe(`${shown}  tokenizer_config.json`);
    expect(drawn.slice(1).join('')).toBe(`\u001B[2K\u001B[1G${shown}  config.json`);
  });

  test('gives way to a notice', () => {
    const { drawn, bar } = terminal(true);
    bar.show({ phase: 'load', done: 1, total: 4 });
    vi.advanceTimersByTime(600);
    bar.show({ phase: 'load', done: 2, total: 4 });
    bar.notify('Mind the gap.');
    expect(stripVTControlCharacters(drawn.slice(1).join(''))).toBe('listwise: Mind the gap.\n');
  });

  test('never appears elsewhere', () => {
    const { drawn, bar } = terminal(false);
    vi.advanceTimersByTime(600);
    bar.show({ phase: 'load', done: 2, total: 4 });
    expect(drawn).toEqual([]);
  });
});
