/**
 * Unicode's normal form NFC as Hugging Face's tokenizers compute it: the same on every platform, in linear time.
 *
 * The engine's own `normalize` differs in two ways. Its tables are newer, each engine's another edition: characters
 * that Hugging Face's tables lack are left alone here, and part what stands around them. And it takes time with the
 * square of a run of marks, minutes for a hundred thousand of them: long runs are put in order here.
 */
import { NEWER_CHARACTERS } from './newer-characters.js';

const NEWER = new RegExp(`([${NEWER_CHARACTERS}]+)`, 'u');
const LONG_RUN = /\p{M}{32,}/gu;

export function nfc(text: string): string {
  return NEWER.test(text)
    ? text
        .split(NEWER)
        .map((part, i) => (i % 2 === 0 ? known(part) : part))
        .join('')
    : known(text);
}

/** NFC of a text whose characters every engine knows. */
function known(text: string): string {
  return text.replace(LONG_RUN, inOrder).normalize('NFC');
}

/** Marks in canonical order: those between two that nothing passes are sorted by class, and keep their order within one. */
function inOrder(marks: string): string {
  let ordered = '';
  let run: string[] = [];
  for (const mark of Array.from(marks, (each) => each.normalize('NFD')).join('')) {
    if (isOrdered(mark)) {
      run.push(mark);
    } else {
      ordered += sorted(run) + mark;
      run = [];
    }
  }
  return ordered + sorted(run);
}

function sorted(marks: readonly string[]): string {
  const kinds = [...new Set(marks)].sort((a, b) => (passes(a, b) ? -1 : Number(passes(b, a))));
  const classes = new Map<string, number>();
  let last = 0;
  for (const [i, kind] of kinds.entries()) {
    if (i > 0 && passes(kinds[i - 1]!, kind)) last++;
    classes.set(kind, last);
  }
  const byClass: string[][] = Array.from({ length: last + 1 }, () => []);
  for (const mark of marks) byClass[classes.get(mark)!]!.push(mark);
  return byClass.map((each) => each.join('')).join('');
}

/** Whether `mark` goes before `other` wherever both stand behind one letter: its class is the lower one. */
function passes(mark: string, other: string): boolean {
  return (other + mark).normalize('NFD') !== other + mark;
}

/** Whether it has a class: marks of the lowest and of the highest tell. */
function isOrdered(mark: string): boolean {
  return passes(mark, '\u0345') || passes('\u0334', mark);
}
