/** The page's languages: which is chosen, and that every text the page asks for is there. */
import { readFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { en } from '../../web/languages/en.js';
import { chooseLanguage, t } from '../../web/languages/language.js';
import { languageOf } from '../../web/text-of.js';

afterEach(() => chooseLanguage([]));

test.each([
  [['de-AT', 'en'], 'Dokumente'],
  [['fr', 'DE'], 'Dokumente'],
  [['fr', 'en-GB', 'de'], 'Documents'],
  [['constructor'], 'Documents'],
  [[], 'Documents'],
])('a visitor who reads %j sees "%s"', (wanted, word) => {
  chooseLanguage(wanted);
  expect(t().documents).toBe(word);
});

test('every message that index.html asks for is one of the table', async () => {
  const html = await readFile(new URL('../../web/index.html', import.meta.url), 'utf8');
  const keys = [...html.matchAll(/data-(?:text|label)="(\w+)"/g)].map(([, key]) => key!);
  expect(keys.length).toBeGreaterThan(25);
  for (const key of keys) expect(typeof en[key as keyof typeof en]).toBe('string');
});

test.each([
  ['写真を編集する', 'ja'],
  ['编辑照片的程序', 'zh'],
  ['사진 편집 프로그램', 'ko'],
  ['עריכת תמונות', 'he'],
  ['Edit photos', undefined],
  ['', undefined],
])('"%s" is taken for %s', (text, language) => {
  expect(languageOf(text)).toBe(language);
});
