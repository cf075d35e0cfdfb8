/** A ranking for people: a line for each document, and one that says what it took. */
import { styleText } from 'node:util';
import type { Ranking } from '../reranker/ranking.js';
import type { Reranker } from '../reranker/reranker.js';
import { cutToWidth, oneLine } from './terminal-text.js';

/** Columns of a bar for a score of 1. */
const BAR_COLUMNS = 20;

/** Fill a cell of the terminal by eighths, from the left. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

const GAP = '  ';

/** What is left of a document on a narrow terminal. */
const LEAST_DOCUMENT_COLUMNS = 20;

/** `columns` is the width of the terminal; without one, as in a pipe, documents are not cut. */
export function rankingView(
  ranking: Ranking,
  { deviceDescription, model, dtype }: Pick<Reranker, 'deviceDescription' | 'model' | 'dtype'>,
  seconds: number,
  columns = Number.POSITIVE_INFINITY,
): string {
  const ranks = aligned(ranking.map((_, place) => String(place + 1)));
  const scores = aligned(ranking.map(({ relevanceScore }) => relevanceScore.toFixed(4)));
  const indices = aligned(ranking.map(({ index }) => `[${index}]`));
  const gains = ranking.some(({ gain }) => gain !== undefined)
    ? aligned(ranking.map(({ gain = 0 }) => `+${(100 * gain).toFixed(1)} %`))
    : undefined;
  const lines = ranking.map(({ relevanceScore, document }, i) => {
    const [rank, score, index, gain] = [ranks[i]!, scores[i]!, indices[i]!, gains?.[i]];
    const cells = [rank, score, index, ...(gain === undefined ? [] : [gain])];
    const room = cells.reduce(
      (left, { length }) => left - length - GAP.length,
      columns - BAR_COLUMNS - GAP.length,
    );
    const text = cutToWidth(oneLine(document), Math.max(room, LEAST_DOCUMENT_COLUMNS));
    const bar = styleText('cyan', barOf(relevanceScore));
    const shown = [rank, styleText('bold', score), bar, ...(gain === undefined ? [] : [gain])];
    return [...shown, styleText('dim', index), text].join(GAP);
  });
  const facts = [
    ...(gains ? ["+ is what a document adds to those above it, of the list's worth"] : []),
    `${ranking.tokens} tokens in ${seconds.toFixed(2)} s`,
    deviceDescription,
    `${model} model, ${dtype}`,
  ];
  const footer = styleText('dim', oneLine(facts.join(' · ')));
  return `${[...lines, footer].join('\n')}\n`;
}

/** Texts of one column, to the right. */
function aligned(texts: readonly string[]): string[] {
  const width = texts.reduce((widest, { length }) => Math.max(widest, length), 0);
  return texts.map((text) => text.padStart(width));
}

/** Scores are cosines; at 0 and below there is nothing to show. */
function barOf(score: number): string {
  const eighths = Math.round(Math.max(score, 0) * BAR_COLUMNS * 8);
  return ('█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7]).padEnd(BAR_COLUMNS);
}
