/** A ranking for people: a line for each document, and one that says what it took. */
import { styleText } from 'node:util';
import type { RankedDocument, Ranking, Reranker } from '../reranker/reranker.js';
import { cutToWidth, oneLine } from './terminal-text.js';

/** Columns of a bar for a score of 1. */
const BAR_COLUMNS = 20;

/** Fills a cell of the terminal by eighths, from the left. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** What is left of a document on a narrow terminal. */
const LEAST_DOCUMENT_COLUMNS = 20;

/** `columns` is the width of the terminal; without one, as in a pipe, documents are not cut. */
export function rankingView(
  ranking: Ranking,
  { deviceDescription, model, dtype }: Pick<Reranker, 'deviceDescription' | 'model' | 'dtype'>,
  seconds: number,
  columns = Number.POSITIVE_INFINITY,
): string {
  const digits = String(Math.max(ranking.length, ...ranking.map(({ index }) => index))).length;
  const lines = ranking.map((ranked, place) => documentLine(ranked, place + 1, digits, columns));
  const footer = [
    `${ranking.tokens} tokens in ${seconds.toFixed(2)} s`,
    deviceDescription,
    `${model} model, ${dtype}`,
  ];
  return `${lines.join('')}${styleText('dim', oneLine(footer.join(' · ')))}\n`;
}

function documentLine(
  { index, relevanceScore, document }: RankedDocument,
  rank: number,
  digits: number,
  columns: number,
) {
  const place = String(rank).padStart(digits);
  const score = relevanceScore.toFixed(4).padStart(7);
  const bar = barOf(relevanceScore).padEnd(BAR_COLUMNS);
  const reference = `[${index}]`.padStart(digits + 2);
  const room = columns - [place, score, bar, reference].reduce((sum, cell) => sum + cell.length + 2, 0);
  const text = cutToWidth(oneLine(document), Math.max(room, LEAST_DOCUMENT_COLUMNS));
  return `${[place, styleText('bold', score), styleText('cyan', bar), styleText('dim', reference), text].join('  ')}\n`;
}

/** Scores are cosines; at 0 and below there is nothing to show. */
function barOf(score: number): string {
  const eighths = Math.round(Math.max(score, 0) * BAR_COLUMNS * 8);
  return '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7];
}
