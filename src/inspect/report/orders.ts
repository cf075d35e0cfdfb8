/** How much it matters where a document stands in the list. */
import type { TraceSummary } from '../summary.js';
import { element, extent, figure, nameOf, numbers, signed, svg } from './elements.js';
import { ranked } from './ranking.js';

const WIDTH = 720;
const ROW = 22;
const MARGIN = { top: 8, right: 64, bottom: 28, left: 52 };

export function ordersFigure(trace: TraceSummary): HTMLElement | undefined {
  const { orders } = trace;
  if (!orders || orders.orders.length < 2) return undefined;
  const places = ranked(trace);
  const rows = places.map((place) => [
    nameOf(place),
    signed(orders.mean[place]!),
    orders.spread[place]!.toFixed(4),
  ]);
  const worst = Math.max(...orders.spread);
  return figure(
    'Where a document stands',
    `Each document’s score in ${orders.orders.length} orders of the same list; the line is the mean. ` +
      `The standard deviation is ${worst.toFixed(4)} at most.`,
    element('div', 'inside-scroll', chart(orders, places)),
    numbers(['document', 'mean', 'standard deviation'], rows),
  );
}

function chart(
  { orders, scores, mean }: NonNullable<TraceSummary['orders']>,
  places: readonly number[],
): SVGSVGElement {
  const { low, high } = extent(scores.flat());
  const height = MARGIN.top + places.length * ROW + MARGIN.bottom;
  const x = (score: number) =>
    MARGIN.left + ((score - low) / (high - low || 1)) * (WIDTH - MARGIN.left - MARGIN.right);
  const rows = places.flatMap((place, i) => {
    const y = MARGIN.top + (i + 0.5) * ROW;
    const dots = scores.map((run, order) => {
      const stood = orders[order]!.indexOf(place) + 1;
      const title = `${nameOf(place)} in place ${stood} of the list: ${signed(run[place]!)}`;
      return svg('circle', { cx: x(run[place]!), cy: y, r: 4, class: 'inside-dot' }, svg('title', {}, title));
    });
    return [
      svg('line', { x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: y, y2: y, class: 'inside-grid' }),
      svg('text', { x: MARGIN.left - 12, y: y + 4, class: 'inside-tick inside-end' }, nameOf(place)),
      ...dots,
      svg('line', { x1: x(mean[place]!), x2: x(mean[place]!), y1: y - 8, y2: y + 8, class: 'inside-mean' }),
      svg('text', { x: WIDTH - MARGIN.right + 10, y: y + 4, class: 'inside-tick' }, signed(mean[place]!)),
    ];
  });
  const axis = [low, high].map((score, i) =>
    svg(
      'text',
      { x: x(score), y: height - 6, class: `inside-tick ${i === 0 ? '' : 'inside-end'}` },
      signed(score),
    ),
  );
  const label = `Scores of ${places.length} documents in ${orders.length} orders`;
  return svg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${height}`, class: 'inside-chart', role: 'img', 'aria-label': label },
    ...rows,
    ...axis,
  );
}
