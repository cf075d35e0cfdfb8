/** Which words speak for a document, and which against it. */
import type { TraceSummary } from '../summary.js';
import { change, element, extent, figure, nameOf, numbers, signed } from './elements.js';
import { ranked } from './ranking.js';

export function wordsFigure(trace: TraceSummary): HTMLElement | undefined {
  const { masked } = trace;
  if (!masked || masked.length === 0) return undefined;
  const effects = masked.flatMap(({ spans }) => spans.map(({ effect }) => Math.abs(effect)));
  const largest = Math.max(extent(effects).high, 1e-6);
  const order = ranked(trace);
  const sorted = [...masked].sort((a, b) => order.indexOf(a.document) - order.indexOf(b.document));
  const texts = sorted.map(({ document, text, spans }) => {
    const shaded = element('p', 'inside-words');
    shaded.dir = 'auto';
    let position = 0;
    for (const { start, end, effect } of spans) {
      shaded.append(text.slice(position, start), word(text.slice(start, end), effect, largest));
      position = end;
    }
    shaded.append(text.slice(position));
    const score = signed(trace.documents[document]!.score);
    return element('div', 'inside-shaded', element('h4', '', `${nameOf(document)} · ${score}`), shaded);
  });
  const rows = sorted.flatMap(({ document, text, spans }) =>
    spans.map(({ start, end, score, effect }) => [
      nameOf(document),
      text.slice(start, end).trim(),
      signed(score),
      change(effect),
    ]),
  );
  return figure(
    'What counts in a document',
    `What its score loses without a stretch of its text, measured by leaving it out: ${change(largest)} is the most. ` +
      'Underlined with dots is what lowers the score.',
    ...texts,
    numbers(['document', 'without', 'score', 'effect'], rows),
  );
}

function word(text: string, effect: number, largest: number): HTMLElement {
  const shade = Math.abs(effect) / largest;
  const marked = element('mark', effect < 0 ? 'inside-against' : 'inside-for', text);
  if (effect < 0 && shade > 0.1) marked.classList.add('inside-dotted');
  marked.style.setProperty('--shade', `${(100 * shade).toFixed(1)}%`);
  marked.title = change(effect);
  return marked;
}
