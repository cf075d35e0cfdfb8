/**
 * Long texts to passages. A heading begins a new passage and stands above each passage of its section; paragraphs
 * stay whole as long as they fit, then sentences, then words. Where a passage ends only because it is full, or a page
 * does, the next one begins with its last sentences, so that what spans the cut is whole in one of them.
 */
import type { Passage, Place } from './passage.js';

/** A piece of running text. */
export interface Paragraph {
  readonly text: string;
  readonly heading?: boolean;
  readonly place?: Place;
}

/** In bytes of UTF-8: about 4 a token in English, 3 in Chinese. What a heading takes comes on top. */
export interface Sizes {
  readonly longest: number;
  readonly overlap: number;
}

/** Of running text: some two hundred words. */
export const RUNNING: Sizes = { longest: 1200, overlap: 200 };

/** Of what was given as one document: it is split only where the model would cut it, at 2,048 tokens. */
export const SINGLE: Sizes = { longest: 6000, overlap: 300 };

/** From the coarsest; `Intl.Segmenter` knows them in every script. */
const GRAINS = ['sentence', 'word', 'grapheme'] as const;

const utf8 = new TextEncoder();

/** All of the text, in its order. Passages have no file yet. */
export function passagesOf(paragraphs: readonly Paragraph[], sizes: Sizes = RUNNING): Passage[] {
  const passages: Passage[] = [];
  for (const section of sectionsOf(paragraphs)) {
    const bodies = section.body.length > 0 ? pack(section.body, sizes) : [{ text: '' }];
    for (const { text, place } of bodies) {
      passages.push({
        text: [...section.headings, text].join('\n').trim(),
        ...placed(place ?? placeOf(section)),
      });
    }
  }
  return passages.filter(({ text }) => text !== '');
}

interface Section {
  /** More than one where headings follow each other. */
  readonly headings: string[];
  readonly body: Paragraph[];
}

function sectionsOf(paragraphs: readonly Paragraph[]): Section[] {
  const sections: Section[] = [];
  for (const paragraph of paragraphs) {
    const text = paragraph.text.trim();
    if (text === '') continue;
    const last = sections.at(-1);
    if (!paragraph.heading) {
      if (last) last.body.push({ ...paragraph, text });
      else sections.push({ headings: [], body: [{ ...paragraph, text }] });
    } else if (last?.body.length === 0) last.headings.push(text);
    else sections.push({ headings: [text], body: [] });
  }
  return sections;
}

function placeOf({ headings }: Section): Place | undefined {
  const heading = headings.at(-1);
  return heading === undefined ? undefined : { kind: 'section', heading };
}

/** Fills passages one after the other. */
function pack(body: readonly Paragraph[], { longest, overlap }: Sizes): Passage[] {
  const passages: Passage[] = [];
  let open: { text: string; place: Place | undefined } | undefined;
  for (const { text, place } of body) {
    for (const [i, piece] of pieces(text, longest).entries()) {
      const joined: string = open ? `${open.text}${i === 0 ? '\n' : ''}${piece}` : piece;
      const samePage = open?.place?.kind !== 'page' || samePlace(open.place, place);
      if (open && samePage && size(joined) <= longest) {
        open.text = joined;
        continue;
      }
      if (open) passages.push({ text: open.text.trim(), ...placed(open.place) });
      const room = Math.min(overlap, longest - size(piece) - 1);
      const before = open ? endOf(open.text, room) : '';
      const repeats = before === '' || before === open?.text; // all of a short page would be no overlap
      open = { text: repeats ? piece : `${before}${i === 0 ? '\n' : ''}${piece}`, place };
    }
  }
  if (open) passages.push({ text: open.text.trim(), ...placed(open.place) });
  return passages;
}

/** The text in parts of at most `longest`, as coarse as may be: the text itself, its sentences, its words. */
function pieces(
  text: string,
  longest: number,
  grains: readonly (typeof GRAINS)[number][] = GRAINS,
): string[] {
  const [grain, ...finer] = grains;
  if (size(text) <= longest || grain === undefined) return [text];
  return segments(text, grain).flatMap((segment) => pieces(segment, longest, finer));
}

/** The last sentences that have room. */
function endOf(text: string, room: number): string {
  let end = '';
  // A sentence has a few hundred bytes; what lies far before the end is not looked at.
  for (const sentence of segments(text.slice(-4 * Math.max(room, 0)), 'sentence').reverse()) {
    if (size(sentence + end) > room) break;
    end = sentence + end;
  }
  return end;
}

function segments(text: string, granularity: (typeof GRAINS)[number]): string[] {
  return Array.from(new Intl.Segmenter(undefined, { granularity }).segment(text), ({ segment }) => segment);
}

function size(text: string): number {
  return utf8.encode(text).length;
}

function placed(place: Place | undefined): { place?: Place } {
  return place ? { place } : {};
}

function samePlace(a: Place | undefined, b: Place | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
