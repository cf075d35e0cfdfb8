/** Which document comes first, and how far ahead it is. */
import type { TraceSummary } from '../summary.js';
import { element, figure, nameOf, percent, shortened, signed } from './elements.js';

/** Characters of a document that are shown. */
const SHOWN = 110;

/** The axis reaches at least this far, so that in a list without a good answer no bar is full. */
const FULL_SCORE = 0.5;

/** Places of the documents, the best first. */
export function ranked({ documents }: TraceSummary): number[] {
  return documents.map((_, i) => i).sort((a, b) => documents[b]!.score - documents[a]!.score || a - b);
}

export function rankingFigure(trace: TraceSummary): HTMLElement {
  const order = ranked(trace);
  const highest = Math.max(FULL_SCORE, trace.documents[order[0]!]!.score);
  const rows = order.map((place) => {
    const { document, score } = trace.documents[place]!;
    const bar = element('span', 'inside-bar');
    bar.style.inlineSize = percent(Math.max(0, score) / highest).replace(' ', '');
    const text = element('td', 'inside-text', shortened(document, SHOWN));
    text.dir = 'auto';
    text.title = document;
    return element(
      'tr',
      '',
      element('th', '', nameOf(place)),
      element('td', 'inside-score', signed(score)),
      element('td', 'inside-track', element('span', 'inside-rail', bar)),
      text,
    );
  });
  const table = element('table', 'inside-ranking', element('tbody', '', ...rows));
  return figure(
    'Ranking',
    'Each document by its place in the list that was given; its score is a cosine, 1 at most.',
    table,
  );
}
