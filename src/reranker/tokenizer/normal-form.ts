/**
 * Unicode's normal form NFC as Hugging Face's tokenizers compute it: the same on every platform, in linear time.
 *
 * The engine's own `normalize` differs in two ways. Its tables are newer, each engine's another edition: characters
 * that Hugging Face's tables lack are left alone here, and part what stands around them. And it takes time with the
 * square of a run of marks, minutes for a hundred thousand of them: long runs are put in order here.
 */
import type { Steps } from '../steps.js';
import { NEWER_CHARACTERS } from './newer-characters.js';

const NEWER = new RegExp(`([${NEWER_CHARACTERS}]+)`, 'u');
const LONG_RUN = /\p{M}{32}/gu;
/** A piece of a run: engines run out of stack where one match goes on for millions of characters. */
const MARKS = /\p{M}{1,4096}/uy;

/** So many marks make a step. */
const STRIDE = 10_000;

export function* nfc(text: string): Steps<string> {
  if (!NEWER.test(text)) return yield* nfcOfKnown(text);
  const parts: string[] = [];
  for (const [i, part] of text.split(NEWER).entries()) {
    parts.push(i % 2 === 0 ? yield* nfcOfKnown(part) : part);
  }
  return parts.join('');
}

/** Where the marks from a place on end. */
export function endOfMarks(text: string, start: number): number {
  MARKS.lastIndex = start;
  let end = start;
  while (MARKS.test(text)) end = MARKS.lastIndex;
  return end;
}

/** NFC of a text whose characters every engine knows. */
function* nfcOfKnown(text: string): Steps<string> {
  const parts: string[] = [];
  let end = 0;
  for (const { index } of text.matchAll(LONG_RUN)) {
    if (index < end) continue;
    parts.push(text.slice(end, index));
    end = endOfMarks(text, index);
    parts.push(yield* inOrder(text.slice(index, end)));
  }
  return (end === 0 ? text : parts.join('') + text.slice(end)).normalize('NFC');
}

/** Marks in canonical order: those between two that nothing passes are sorted by class, and keep their order within one. */
function* inOrder(marks: string): Steps<string> {
  const parts = new Map(Array.from(new Set(marks), (mark) => [mark, [...mark.normalize('NFD')]] as const));
  const kinds = [...new Set([...parts.values()].flat())];
  const classes = classesOf(kinds.filter(isOrdered));
  const ordered: string[] = [];
  let run: string[][] = [];
  const close = () => {
    for (const each of run) if (each) for (const mark of each) ordered.push(mark);
    run = [];
  };
  let count = 0;
  for (const whole of marks) {
    for (const mark of parts.get(whole)!) {
      const its = classes.get(mark);
      if (its === undefined) {
        close();
        ordered.push(mark);
      } else {
        run[its] ??= [];
        run[its].push(mark);
      }
    }
    if (++count % STRIDE === 0) yield;
  }
  close();
  return ordered.join('');
}

/** Numbers for classes: what goes before another mark has the lower one. */
function classesOf(marks: readonly string[]): Map<string, number> {
  const sorted = marks.toSorted((a, b) => (passes(a, b) ? -1 : Number(passes(b, a))));
  let last = 0;
  return new Map(
    sorted.map((mark, i) => {
      if (i > 0 && passes(sorted[i - 1]!, mark)) last++;
      return [mark, last];
    }),
  );
}

/** Whether `mark` goes before `other` wherever both stand behind one letter: its class is the lower one. */
function passes(mark: string, other: string): boolean {
  return (other + mark).normalize('NFD') !== other + mark;
}

/** Whether it has a class: marks of the lowest and of the highest tell. */
function isOrdered(mark: string): boolean {
  return passes(mark, '\u0345') || passes('\u0334', mark);
}
