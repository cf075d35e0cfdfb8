/** A document's text in the page: other people's, in any language. */
import { element } from './page-elements.js';

export function paragraphOf(text: string): HTMLParagraphElement {
  const paragraph = element('p', 'text', text);
  paragraph.dir = 'auto';
  const language = languageOf(text);
  if (language !== undefined) paragraph.lang = language;
  return paragraph;
}

/**
 * The language, where the script tells and it matters: Chinese and Japanese share characters that fonts draw in
 * different ways, and a voice needs to know what it reads. Latin and Cyrillic are written by too many.
 */
export function languageOf(text: string): string | undefined {
  const start = text.slice(0, 400);
  const share = (script: RegExp) => (start.match(script)?.length ?? 0) / start.length;
  if (share(/[\p{sc=Hiragana}\p{sc=Katakana}]/gu) > 0.05) return 'ja';
  if (share(/\p{sc=Hangul}/gu) > 0.2) return 'ko';
  if (share(/\p{sc=Han}/gu) > 0.2) return 'zh';
  if (share(/\p{sc=Hebrew}/gu) > 0.4) return 'he';
  if (share(/\p{sc=Thai}/gu) > 0.4) return 'th';
  if (share(/\p{sc=Greek}/gu) > 0.4) return 'el';
  return undefined;
}
