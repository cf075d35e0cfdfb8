/** What becomes a document: what is typed, and files by their endings. PDF and HTML need a browser's help. */
import { expect, test } from 'vitest';
import type { Table } from '../../../web/documents/formats/table.js';
import { documentsOfText } from '../../../web/documents/pasted.js';
import { passagesOfFile } from '../../../web/documents/read-file.js';
import { sentencesOf } from '../../../web/problem.js';

const texts = (passages: readonly { readonly text: string }[] = []) => passages.map(({ text }) => text);

const noTable = () => Promise.reject(new Error('There is nothing to choose.'));

const read = (name: string, content: string | Uint8Array<ArrayBuffer>, column?: number) =>
  passagesOfFile(new File([content], name), column === undefined ? noTable : async () => column);

test('a line is a document, blank lines are none', () => {
  expect(texts(documentsOfText('Play chess.\r\n Brew tea.\n  \n'))).toEqual(['Play chess.', 'Brew tea.']);
});

test('with blank lines between, paragraphs are documents', () => {
  const text = 'Play\r\nchess.\r\n \r\n\r\nBrew tea.\r\n';
  expect(texts(documentsOfText(text))).toEqual(['Play\nchess.', 'Brew tea.']);
});

test('a document that the model would cut is split', () => {
  const long = 'A sentence of some words. '.repeat(400);
  expect(documentsOfText(`${long}\nBrew tea.`).length).toBe(3);
  expect(documentsOfText(long.slice(0, 5900))).toHaveLength(1);
});

test.each([
  ['a.txt', 'Play chess.\nBrew tea.'],
  ['a.json', '["Play chess.",\n\n {"text": "Brew tea."}]'],
  ['A.JSONL', '"Play chess."\n\n{"text": "Brew tea.", "id": 7}\n'],
  ['a.csv', 'text\nPlay chess.\n\nBrew tea.\n'],
  ['a.csv', 'Play chess.\nBrew tea.'],
  ['a.md', '# Play chess.\n\nBrew tea.'],
])('%s is read by its ending: %#', async (name, content) => {
  const passages = await read(name, content);
  expect(texts(passages).join('\n')).toBe('Play chess.\nBrew tea.');
  for (const { file, place } of passages!) {
    expect(file).toBe(name);
    expect(place).toBeDefined();
  }
});

test('of a table the column that is chosen is taken, and rows are counted as spreadsheets do', async () => {
  const asked: Table[] = [];
  const content = 'id;text\r\n1;"Play; chess"\r\n\r\n2;"Brew\r\n""tea"""\r\n';
  const passages = await passagesOfFile(new File([content], 'a.csv'), async (table) => {
    asked.push(table);
    return 1;
  });
  expect(passages).toEqual([
    { text: 'Play; chess', file: 'a.csv', place: { kind: 'row', number: 2 } },
    { text: 'Brew\n"tea"', file: 'a.csv', place: { kind: 'row', number: 4 } },
  ]);
  expect(asked[0]!.names).toEqual(['id', 'text']);
  expect(texts(await read('a.tsv', 'a\tb\n1\tx, y\n', 1))).toEqual(['x, y']);
});

test('nothing is taken of a table whose column is not chosen', async () => {
  expect(await passagesOfFile(new File(['a,b\n1,2'], 'a.csv'), async () => undefined)).toBeUndefined();
});

test('sections of Markdown are places, and code is no heading', async () => {
  const passages = await read(
    'a.md',
    'Intro.\n\nTea\n===\n\nBrew.\n\n```sh\n# no heading\n\nx\n```\n## Chess ##\nPlay.',
  );
  expect(passages).toEqual([
    { text: 'Intro.', file: 'a.md' },
    {
      text: 'Tea\nBrew.\n```sh\n# no heading\n\nx\n```',
      file: 'a.md',
      place: { kind: 'section', heading: 'Tea' },
    },
    { text: 'Chess\nPlay.', file: 'a.md', place: { kind: 'section', heading: 'Chess' } },
  ]);
});

test.each([
  ['a.txt', ' \n', 'a.txt is empty. Drop a file with some text in it.'],
  ['a.json', '{"text": "Brew tea."}', 'a.json is not an array.'],
  ['a.json', '["Brew tea."', 'a.json is not JSON.'],
  ['a.jsonl', '"Brew tea."\n7', 'a.jsonl:2 is not a document.'],
  [
    'a.csv',
    Uint8Array.of(0xff, 0xfe),
    'a.csv is not UTF-8 text. Save it as text in UTF-8, or as PDF, and drop that.',
  ],
  ['a.txt', 'MZ\0\0', 'a.txt is not UTF-8 text.'],
  ['a.csv', 'a,b\n1,2\n3\n', 'Row 3 of a.csv has 1 field where the first row has 2. Put quotes around'],
  ['a.csv', 'a,b\n1,"2\n3,4\n', 'The quotes in row 2 of a.csv do not match. Close the quotes'],
])('%s that can not be read is an error for people: %#', async (name, content, message) => {
  expect(await read(name, content).then(() => '', sentencesOf)).toContain(message);
});

test('a file of 2 GB is turned away before a byte of it is read', async () => {
  const file = new File([], 'disk.txt');
  Object.defineProperty(file, 'size', { value: 2 ** 31 });
  file.arrayBuffer = () => Promise.reject(new Error('It was read.'));
  const said = await passagesOfFile(file, noTable).then(() => '', sentencesOf);
  expect(said).toBe(
    'disk.txt has 2,147 MB; this page reads files of up to 100 MB. Split it and drop the parts.',
  );
});
