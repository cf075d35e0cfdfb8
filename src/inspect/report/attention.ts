/** Who looked at whom: what the markers of documents and query weigh, by layer and head. */
import type { TraceSummary } from '../summary.js';
import { element, figure, nameOf, percent } from './elements.js';
import { heatTable } from './heat.js';

type Blocks = NonNullable<TraceSummary['blocks']>;
type Layer = Blocks['layers'][number];

export function attentionFigure({ blocks }: TraceSummary): HTMLElement | undefined {
  if (!blocks) return undefined;
  const { names, layers } = blocks;
  const columns = names.map(columnName);
  const markers = layers[0]!.heads[0]!.weights.length;
  const rows = Array.from({ length: markers }, (_, i) => (i < markers - 1 ? nameOf(i) : 'query'));
  const { table, show } = heatTable('looks at →', columns, rows);

  const layer = slider(
    'Layer',
    layers.map((each) => String(each.layer)),
  );
  const heads = layers[0]!.heads.map(({ head }) => String(head));
  const head = slider('Head', ['mean', ...heads]);
  const draw = () => {
    const weights = weightsOf(layers[layer.place()]!, head.place());
    show(
      weights.map((row, i) =>
        row.map((weight, j) => ({
          shade: weight,
          text: weight === 0 ? '' : percent(weight).replace(' %', ''),
          title: `${rows[i]} looks at ${columns[j]}: ${percent(weight)}`,
        })),
      ),
    );
  };
  for (const each of [layer, head]) each.input.addEventListener('input', draw);
  layer.set(layers.length - 1);
  draw();
  return figure(
    'Who looked at whom',
    'The attention that each marker gives to the documents, the query and the rest of the prompt, in percent: a row adds up to 100. ' +
      'What comes after a marker it can’t see.',
    element('div', 'inside-sliders', layer.row, head.row),
    table,
  );
}

function columnName(name: string): string {
  return name.startsWith('document ') ? nameOf(Number(name.slice('document '.length))) : name;
}

/** Of one head, or with 0 the mean of all. */
function weightsOf({ heads }: Layer, choice: number): readonly (readonly number[])[] {
  if (choice > 0) return heads[choice - 1]!.weights;
  return heads[0]!.weights.map((row, i) =>
    row.map((_, j) => heads.reduce((sum, { weights }) => sum + weights[i]![j]!, 0) / heads.length),
  );
}

/** A slider over named places. */
function slider(name: string, places: readonly string[]) {
  const input = element('input', '');
  const shown = element('output', '', places[0]!);
  input.type = 'range';
  input.min = '0';
  input.max = String(places.length - 1);
  input.step = '1';
  input.value = '0';
  const tell = () => {
    const place = places[Number(input.value)]!;
    shown.textContent = place;
    input.setAttribute('aria-valuetext', `${name} ${place}`);
  };
  input.addEventListener('input', tell);
  tell();
  const set = (place: number) => {
    input.value = String(place);
    tell();
  };
  return {
    input,
    set,
    row: element('div', '', element('label', '', `${name} `, input), shown),
    place: () => Number(input.value),
  };
}
