/** What becomes a document: lines, and the files that a visitor drops. */
import { expect, test } from 'vitest';
import { documentsOfFile, documentsOfText, textOfDocuments } from '../../web/documents.js';

test('a line is a document, blank lines are none', () => {
  expect(documentsOfText('Play chess.\r\n \n\nBrew tea.\n')).toEqual(['Play chess.', 'Brew tea.']);
});

test('documents come back from the text they were put into, each on one line', () => {
  expect(documentsOfText(textOfDocuments(['Play\n\nchess.', ' Brew tea.']))).toEqual([
    'Play chess.',
    'Brew tea.',
  ]);
});

test.each([
  ['a.txt', 'Play chess.\nBrew tea.'],
  ['a.json', '["Play chess.",\n\n {"text": "Brew tea."}]'],
  ['A.JSONL', '"Play chess."\n\n{"text": "Brew tea.", "id": 7}\n'],
])('%s is read by its ending', async (name, content) => {
  expect(await documentsOfFile(new File([content], name))).toEqual(['Play chess.', 'Brew tea.']);
});

test.each([
  ['a.txt', ' \n', 'a.txt is empty.'],
  ['a.json', '{"text": "Brew tea."}', 'a.json is not an array.'],
  ['a.json', '["Brew tea."', 'a.json is not JSON.'],
  ['a.jsonl', '"Brew tea."\n7', 'a.jsonl:2 is not a document.'],
  ['a.csv', Uint8Array.of(0xff, 0xfe), 'a.csv is not UTF-8 text.'],
  ['a.txt', new Uint8Array(12_345_678), 'a.txt has 12 MB; this page takes files up to 10 MB.'],
])('%s that can not be read is an error for people: %#', async (name, content, message) => {
  await expect(documentsOfFile(new File([content], name))).rejects.toThrow(message);
});
