/** All pictures of a trace: for the report, the page, and whoever wants them in an application of their own. */
import type { TraceSummary } from '../summary.js';
import { attentionFigure } from './attention.js';
import { element } from './elements.js';
import { lensFigure } from './lens.js';
import { ordersFigure } from './orders.js';
import { othersFigure } from './others.js';
import { rankingFigure } from './ranking.js';
import { wordsFigure } from './words.js';

export type { TraceSummary } from '../summary.js';

/** Pictures of what the trace has recorded. They want inside.css, and its colours. */
export function insideView(trace: TraceSummary): HTMLElement {
  const figures = [rankingFigure, wordsFigure, lensFigure, attentionFigure, othersFigure, ordersFigure];
  const drawn = figures.map((draw) => draw(trace)).filter((each) => each !== undefined);
  return element('div', 'inside', ...drawn);
}
