/** CSV and TSV: a table of which one column holds the documents. */
import { t } from '../../languages/language.js';
import { problem } from '../../problem.js';

export interface Table {
  /** The fields of the first row. */
  readonly names: readonly string[];
  /** The rows below, blank ones left out. */
  readonly rows: readonly Row[];
}

export interface Row {
  /** As a spreadsheet counts it: the first of the file is 1. */
  readonly number: number;
  readonly fields: readonly string[];
}

/** What a column of texts tends to be called. */
const TEXT_NAME = /^(texts?|documents?|passages?|contents?|body|abstract|description|chunk|beschreibung)$/i;

/** `name` is the file's. Throws ListwiseError `invalid-input` for rows of different widths and for open quotes. */
export async function tableOf(text: string, name: string): Promise<Table> {
  const { default: Papa } = await import('papaparse');
  const unix = text.replaceAll('\r\n', '\n');
  const { data, errors } = Papa.parse<string[]>(unix, { delimiter: separatorOf(unix, name) });
  const unclosed = errors.find(({ type }) => type === 'Quotes');
  if (unclosed) throw problem(t().tableQuotes(name, (unclosed.row ?? 0) + 1), t().tableQuotesHint);
  const rows = data
    .map((fields, index) => ({ number: index + 1, fields }))
    .filter(({ fields }) => fields.some((field) => field.trim() !== ''));
  const [first, ...others] = rows;
  if (!first) return { names: [], rows: [] };
  const width = first.fields.length;
  const ragged = others.find(({ fields }) => fields.length !== width);
  if (ragged) {
    throw problem(t().tableRagged(name, ragged.number, ragged.fields.length, width), t().tableRaggedHint);
  }
  // One column may have no name: then its first field is a document, too.
  const named = width > 1 || TEXT_NAME.test(first.fields[0]!.trim());
  return { names: first.fields, rows: named ? others : rows };
}

/** Tabs in a .tsv; in a .csv, where half the world has semicolons, what is most frequent in the first line. */
function separatorOf(text: string, name: string): string {
  if (/\.tsv$/i.test(name)) return '\t';
  const line = /^[^\n]*/.exec(text)![0].replaceAll(/"[^"]*"/g, '');
  const counts = [',', ';', '\t', '|'].map((separator) => ({
    separator,
    count: line.split(separator).length,
  }));
  return counts.reduce((most, each) => (each.count > most.count ? each : most)).separator;
}

/** The column that is likely meant: the one with a telling name, else the one with the most text. */
export function likelyColumn({ names, rows }: Table): number {
  const named = names.findIndex((name) => TEXT_NAME.test(name.trim()));
  if (named >= 0) return named;
  const lengths = names.map((_, column) => rows.reduce((sum, { fields }) => sum + fields[column]!.length, 0));
  return lengths.indexOf(Math.max(...lengths));
}
