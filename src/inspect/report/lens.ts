/** The score lens: what the ranking would be if the model ended with a layer. */
import type { TraceSummary } from '../summary.js';
import { element, figure, nameOf, numbers, signed, svg } from './elements.js';
import { ranked } from './ranking.js';

const WIDTH = 720;
const HEIGHT = 320;
const MARGIN = { top: 14, right: 56, bottom: 40, left: 52 };
/** Documents that have a colour of their own; the others are grey. */
const COLOURED = 6;
/** Between two labels, in units of the drawing. */
const LABEL_GAP = 14;

export function lensFigure(trace: TraceSummary): HTMLElement | undefined {
  const { lens } = trace;
  if (!lens) return undefined;
  const order = ranked(trace);
  const head = ['layer', ...order.map(nameOf)];
  const rows = lens.map((scores, layer) => [String(layer), ...order.map((place) => signed(scores[place]!))]);
  return figure(
    'Score lens',
    says(trace, lens),
    element('div', 'inside-scroll', chart(lens, order)),
    numbers(head, rows),
  );
}

/** From which layer on the ranking is what it is at the end. */
function says(trace: TraceSummary, lens: NonNullable<TraceSummary['lens']>): string {
  const order = ranked(trace);
  const final = lens.at(-1)!;
  /** Whether the first `count` documents stand to all after them as they do at the end. */
  const settled = (scores: readonly number[], count: number) =>
    order
      .slice(0, count)
      .every((place, i) =>
        order
          .slice(i + 1)
          .every(
            (other) =>
              Math.sign(scores[place]! - scores[other]!) === Math.sign(final[place]! - final[other]!),
          ),
      );
  const from = (count: number) => lens.findLastIndex((scores) => !settled(scores, count)) + 1;
  return (
    'The scores that would come out if final norm and projector read the residual stream after each layer. ' +
    `The first place is settled from layer ${from(1)} on, the whole order from layer ${from(order.length)} on.`
  );
}

function chart(lens: NonNullable<TraceSummary['lens']>, order: readonly number[]): SVGSVGElement {
  const all = lens.flat();
  const [low, high] = [Math.min(0, ...all), Math.max(0.1, ...all)];
  const x = (layer: number) =>
    MARGIN.left + (layer / Math.max(1, lens.length - 1)) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (score: number) =>
    HEIGHT - MARGIN.bottom - ((score - low) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const lines = order.map((place, rank) => {
    const points = lens.map((scores, layer) => ({ layer, score: scores[place]! }));
    const path = points
      .map(({ layer, score }, i) => `${i === 0 ? 'M' : 'L'}${x(layer).toFixed(1)} ${y(score).toFixed(1)}`)
      .join('');
    const dots = points.map(({ layer, score }) => {
      const title = `${nameOf(place)} after layer ${layer}: ${signed(score)}`;
      return svg('circle', { cx: x(layer), cy: y(score), r: 3.5 }, svg('title', {}, title));
    });
    return svg('g', { class: colourOf(rank) }, svg('path', { d: path }), ...dots);
  });
  const label = `Scores of ${order.length} documents after each of ${lens.length} layers`;
  return svg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'inside-chart', role: 'img', 'aria-label': label },
    ...axes(lens.length, [low, high], x, y),
    ...lines.toReversed(), // the best lie on top
    ...labels(lens.at(-1)!, order, y),
  );
}

function colourOf(rank: number): string {
  return rank < COLOURED ? `inside-line inside-colour-${rank}` : 'inside-line inside-colour-rest';
}

function axes(
  layers: number,
  [low, high]: readonly [number, number],
  x: (layer: number) => number,
  y: (score: number) => number,
): SVGElement[] {
  const step = [0.05, 0.1, 0.2, 0.5].find((size) => (high - low) / size <= 6) ?? 1;
  const ticks = Array.from(
    { length: Math.floor(high / step) - Math.ceil(low / step) + 1 },
    (_, i) => (Math.ceil(low / step) + i) * step,
  );
  const every = Math.ceil(layers / 15);
  const shown = Array.from({ length: layers }, (_, layer) => layer).filter((layer) => layer % every === 0);
  return [
    ...ticks.flatMap((score) => [
      svg('line', {
        x1: MARGIN.left,
        x2: WIDTH - MARGIN.right,
        y1: y(score),
        y2: y(score),
        class: score === 0 ? 'inside-zero' : 'inside-grid',
      }),
      svg(
        'text',
        { x: MARGIN.left - 8, y: y(score) + 4, class: 'inside-tick inside-end' },
        signed(score).slice(0, -1),
      ),
    ]),
    ...shown.map((layer) =>
      svg(
        'text',
        { x: x(layer), y: HEIGHT - MARGIN.bottom + 20, class: 'inside-tick inside-middle' },
        String(layer),
      ),
    ),
    svg(
      'text',
      { x: (MARGIN.left + WIDTH - MARGIN.right) / 2, y: HEIGHT - 4, class: 'inside-tick inside-middle' },
      'layer',
    ),
  ];
}

/** Of the best documents, beside the end of their lines, moved apart where they would touch. */
function labels(
  final: readonly number[],
  order: readonly number[],
  y: (score: number) => number,
): SVGElement[] {
  const shown = order.slice(0, COLOURED);
  let room = HEIGHT - MARGIN.bottom + LABEL_GAP / 2; // from below: the axis bears no labels of lines
  const heights = shown.toReversed().map((place) => {
    room = Math.min(y(final[place]!), room - LABEL_GAP);
    return room;
  });
  return shown.map((place, rank) => {
    const attributes = { x: WIDTH - MARGIN.right + 10, y: heights[shown.length - 1 - rank]! + 4 };
    return svg('text', { ...attributes, class: `inside-label ${colourOf(rank)}` }, nameOf(place));
  });
}
