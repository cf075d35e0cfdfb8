/** A ranking as a file: what is shown, with what is folded. */
import { sourceOf } from '../documents/source-of.js';
import type { Shown } from './selection.js';

export const EXPORTS = {
  JSON: { type: 'application/json', ending: 'json', write: toJson },
  CSV: { type: 'text/csv', ending: 'csv', write: toCsv },
  Markdown: { type: 'text/markdown', ending: 'md', write: toMarkdown },
} as const;

export type ExportKind = keyof typeof EXPORTS;

export async function exported(kind: ExportKind, query: string, shown: readonly Shown[]): Promise<File> {
  const { type, ending, write } = EXPORTS[kind];
  return new File([await write(query, shown)], `ranking.${ending}`, { type: `${type};charset=utf-8` });
}

function toJson(query: string, shown: readonly Shown[]): string {
  const results = shown.map(({ rank, index, score, passage, alike }) => ({
    rank,
    index,
    relevance_score: score,
    text: passage.text,
    ...(passage.file === undefined ? {} : { file: passage.file }),
    ...(passage.place === undefined ? {} : { place: passage.place }),
    ...(alike.length === 0 ? {} : { alike: alike.map((each) => each.index) }),
  }));
  return `${JSON.stringify({ query, results }, null, 2)}\n`;
}

/** Begins with a byte order mark, by which spreadsheets know UTF-8; what they would compute comes as text. */
async function toCsv(_query: string, shown: readonly Shown[]): Promise<string> {
  const { default: Papa } = await import('papaparse');
  const rows = shown.map(({ rank, index, score, passage }) => ({
    rank,
    index,
    score: Number(score.toFixed(6)),
    source: sourceOf(passage),
    text: passage.text,
  }));
  const columns = ['rank', 'index', 'score', 'source', 'text'];
  return `\uFEFF${Papa.unparse(rows, { columns, escapeFormulae: /^[=+@\t\r]|^-[^\d]/ })}\r\n`;
}

function toMarkdown(query: string, shown: readonly Shown[]): string {
  const items = shown.map(({ rank, score, passage }) => {
    const source = sourceOf(passage);
    const head = `${rank}. **${score.toFixed(3)}**${source === '' ? '' : ` (${plain(source)})`}`;
    return `${head}\n\n${passage.text
      .split(/\n+/)
      .map((line) => `   > ${plain(line)}`)
      .join('\n')}\n`;
  });
  return `# ${plain(query)}\n\n${items.join('\n')}`;
}

/** Signs of Markdown and HTML in other people's text are text. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>#|&]/g, '\\$&').replaceAll(/\s*\n\s*/g, ' ');
}
