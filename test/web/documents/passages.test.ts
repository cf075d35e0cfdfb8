/** Long texts to passages: nothing is lost, nothing is too long, and what spans a cut is whole on one side. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Paragraph, passagesOf } from '../../../web/documents/passages.js';

const sentence = (number: number) => `This is sentence number ${number} of the text. `;
const sentences = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => sentence(from + i)).join('');

const size = (text: string) => new TextEncoder().encode(text).length;

test('a heading begins a passage and stands above each one of its section', () => {
  const passages = passagesOf(
    [
      { text: 'Before.' },
      { text: 'Title', heading: true },
      { text: 'Photos', heading: true },
      { text: sentences(0, 12) },
      { text: 'Tea', heading: true },
      { text: 'Brew it.' },
    ],
    { longest: 300, overlap: 60 },
  );
  expect(passages.map(({ text }) => text.split('\n').slice(0, -1))).toEqual([
    [],
    ['Title', 'Photos'],
    ['Title', 'Photos'],
    ['Tea'],
  ]);
  expect(passages.map(({ place }) => place)).toEqual([
    undefined,
    { kind: 'section', heading: 'Photos' },
    { kind: 'section', heading: 'Photos' },
    { kind: 'section', heading: 'Tea' },
  ]);
});

test('the last sentence of a full passage is the first of the next', () => {
  const passages = passagesOf([{ text: sentences(0, 20) }], { longest: 300, overlap: 60 });
  expect(passages.length).toBeGreaterThan(2);
  for (const [i, { text }] of passages.slice(1).entries()) {
    const first = text.slice(0, text.indexOf('.') + 1);
    expect(passages[i]!.text.endsWith(first)).toBe(true);
  }
});

test('paragraphs stay whole as long as they fit', () => {
  const paragraphs = [sentences(0, 4), sentences(4, 8), sentences(8, 12)].map((text) => ({
    text: text.trim(),
  }));
  const passages = passagesOf(paragraphs, { longest: 350, overlap: 0 });
  expect(passages.map(({ text }) => text)).toEqual([
    `${paragraphs[0]!.text}\n${paragraphs[1]!.text}`,
    paragraphs[2]!.text,
  ]);
});

test('a passage is on one page, and begins with the end of a page that runs over', () => {
  const page = (number: number) => ({ kind: 'page', number }) as const;
  const passages = passagesOf([
    { text: `${sentences(0, 8)}It goes on`, place: page(1) },
    { text: 'over the page.', place: page(2) },
    { text: 'A slide.', place: page(3) },
    { text: 'Another slide.', place: page(4) },
  ]);
  expect(passages.map(({ place }) => place)).toEqual([page(1), page(2), page(3), page(4)]);
  expect(passages[1]!.text).toMatch(/It goes on\nover the page\.$/);
  expect(passages[3]!.text).toBe('Another slide.'); // a short page is not repeated as a whole
});

test.each([
  ['Chinese', '这是一个很长的句子，里面没有空格。'.repeat(100)],
  ['one word', 'unbreakable'.repeat(300)],
  ['emoji', '👩‍👩‍👧‍👦'.repeat(200)],
])('%s is cut between characters', (_, text) => {
  const passages = passagesOf([{ text }], { longest: 300, overlap: 0 });
  expect(passages.length).toBeGreaterThan(3);
  for (const passage of passages) expect(size(passage.text)).toBeLessThanOrEqual(300);
  expect(passages.map((passage) => passage.text).join('')).toBe(text);
});

const paragraphs: fc.Arbitrary<Paragraph[]> = fc.array(
  fc.record({
    text: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.lorem({ maxCount: 60 })),
    heading: fc.boolean(),
  }),
  { maxLength: 12 },
);

/** The text without white space, where cuts may be. */
const dense = (text: string) => text.replaceAll(/\s/g, '');

test('whatever the text, bodies are short enough and without overlap put together the text again', () => {
  fc.assert(
    fc.property(paragraphs, (given) => {
      const body = given.map(({ text }) => ({ text }));
      const passages = passagesOf(body, { longest: 200, overlap: 0 });
      for (const { text } of passages) expect(size(text)).toBeLessThanOrEqual(200);
      expect(dense(passages.map(({ text }) => text).join(''))).toBe(
        dense(body.map(({ text }) => text).join('')),
      );
    }),
  );
});

test('with headings and overlap no word is lost either', () => {
  fc.assert(
    fc.property(paragraphs, (given) => {
      const all = passagesOf(given, { longest: 200, overlap: 50 }).map(({ text }) => dense(text));
      const words = given
        .flatMap(({ text }) => text.split(/\s+/))
        .filter((word) => word !== '' && size(word) < 40);
      for (const word of words) expect(all.some((text) => text.includes(dense(word)))).toBe(true);
    }),
  );
});
