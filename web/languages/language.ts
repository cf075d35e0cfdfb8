/** The language of the page: the first that the visitor reads and that there is a table for. */
import { withAttribute } from '../page-elements.js';
import { de } from './de.js';
import { en, type Words } from './en.js';

/** A translation is a file like en.ts, and a line here. */
const LANGUAGES: Readonly<Record<string, Words>> = { en, de };

let language = 'en';

/** `wanted` are tags like de-AT, the dearest first. */
export function chooseLanguage(wanted: readonly string[]): void {
  language =
    wanted.map((tag) => tag.split('-')[0]!.toLowerCase()).find((tag) => Object.hasOwn(LANGUAGES, tag)) ??
    'en';
}

export function t(): Words {
  return LANGUAGES[language]!;
}

/** Puts the words into what index.html holds: `data-text` names a message, `data-label` one that is only read out. */
export function translatePage(): void {
  document.documentElement.lang = language;
  for (const element of withAttribute('data-text')) element.textContent = wordsOf(element.dataset.text);
  for (const element of withAttribute('data-label')) element.ariaLabel = wordsOf(element.dataset.label);
}

function wordsOf(key = ''): string {
  const words = (t() as Readonly<Record<string, unknown>>)[key];
  if (typeof words !== 'string')
    throw new Error(`index.html asks for the message "${key}", which there is none of.`);
  return words;
}
