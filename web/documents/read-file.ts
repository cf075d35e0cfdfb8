/** A visitor's file to passages. */
import { documentsOf } from '../../src/reranker/document-file.js';
import { t } from '../languages/language.js';
import { problem } from '../problem.js';
import { paragraphsOfHtml } from './formats/html.js';
import { paragraphsOfMarkdown } from './formats/markdown.js';
import { paragraphsOfPdf } from './formats/pdf.js';
import { type Table, tableOf } from './formats/table.js';
import type { Passage } from './passage.js';
import { passagesOf, SINGLE } from './passages.js';
import { documentsOfText } from './pasted.js';

/** Larger files would not fit in the memory of a page, as text and as passages. Bytes. */
const LARGEST_FILE = 100e6;

/** Asks which column holds the documents; nothing if the visitor thought better of it. */
export type AskColumn = (table: Table, name: string) => Promise<number | undefined>;

/**
 * The passages of a file, each with its place: `.md`, `.html` and `.pdf` are running text, everything else holds one
 * document after the other. Nothing where no column was chosen. Throws ListwiseError `invalid-input` for people.
 */
export async function passagesOfFile(file: File, askColumn: AskColumn): Promise<Passage[] | undefined> {
  const { name } = file;
  if (file.size > LARGEST_FILE) {
    throw problem(t().fileTooLarge(name, file.size, LARGEST_FILE), t().fileTooLargeHint);
  }
  const bytes = new Uint8Array(
    await file.arrayBuffer().catch((cause) => {
      throw problem(t().fileUnreadable(name), t().fileUnreadableHint, cause);
    }),
  );
  const passages = await read(bytes, name, askColumn);
  if (passages?.length === 0) throw problem(t().fileEmpty(name), t().fileEmptyHint);
  return passages?.map((passage) => ({ ...passage, file: name }));
}

async function read(bytes: Uint8Array, name: string, askColumn: AskColumn): Promise<Passage[] | undefined> {
  switch (/\.\w+$/.exec(name)?.[0].toLowerCase()) {
    case '.pdf':
      return passagesOf(await paragraphsOfPdf(bytes, name));
    case '.html':
    case '.htm':
      return passagesOf(paragraphsOfHtml(textOf(bytes, name)));
    case '.md':
    case '.markdown':
      return passagesOf(paragraphsOfMarkdown(textOf(bytes, name)));
    case '.json':
    case '.jsonl':
      return documentsOf(bytes, name).flatMap((text, i) => single(text, 'entry', i + 1));
    case '.csv':
    case '.tsv':
      return readTable(await tableOf(textOf(bytes, name), name), name, askColumn);
    default:
      return documentsOfText(textOf(bytes, name)).map((passage, i) => ({
        ...passage,
        place: { kind: 'entry', number: i + 1 },
      }));
  }
}

async function readTable(table: Table, name: string, askColumn: AskColumn): Promise<Passage[] | undefined> {
  const column = table.names.length > 1 ? await askColumn(table, name) : 0;
  if (column === undefined) return undefined;
  return table.rows.flatMap(({ number, fields }) => single(fields[column]!, 'row', number));
}

function single(text: string, kind: 'entry' | 'row', number: number): Passage[] {
  return passagesOf([{ text, place: { kind, number } }], SINGLE);
}

/** Text has no zeros in it, whatever the ending says. */
function textOf(bytes: Uint8Array, name: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // It is not UTF-8.
  }
  throw problem(t().fileNoText(name), t().fileNoTextHint);
}
