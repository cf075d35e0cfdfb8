/** A matrix as a table whose cells are the darker the more they hold: to look at, to read, and to hear. */
import { element } from './elements.js';

/** Beyond this many columns cells are too small for numbers; they say them when pointed at. */
const MOST_WRITTEN = 18;

export interface Cell {
  /** −1 to 1: how dark, and of which of two colours. */
  readonly shade: number;
  readonly text: string;
  readonly title: string;
}

export interface HeatTable {
  readonly table: HTMLElement;
  /** Fills in other cells of the same shape. */
  readonly show: (cells: readonly (readonly (Cell | undefined)[])[]) => void;
}

export function heatTable(corner: string, columns: readonly string[], rows: readonly string[]): HeatTable {
  const cells = rows.map(() => columns.map(() => element('td', '')));
  const head = element('tr', '', element('th', 'inside-corner', corner), ...columns.map(columnHead));
  const body = rows.map((name, i) => {
    const label = element('th', '', name);
    label.scope = 'row';
    return element('tr', '', label, ...cells[i]!);
  });
  const written = columns.length <= MOST_WRITTEN;
  const table = element(
    'table',
    written ? 'inside-heat' : 'inside-heat inside-small',
    element('thead', '', head),
    element('tbody', '', ...body),
  );
  const show: HeatTable['show'] = (values) => {
    for (const [i, row] of cells.entries()) {
      for (const [j, target] of row.entries()) fill(target, values[i]![j]);
    }
  };
  return { table: element('div', 'inside-scroll', table), show };
}

function columnHead(name: string): HTMLElement {
  const head = element('th', '', name);
  head.scope = 'col';
  return head;
}

function fill(target: HTMLElement, cell: Cell | undefined): void {
  target.className = cell === undefined ? 'inside-none' : cell.shade < 0 ? 'inside-against' : 'inside-for';
  target.style.setProperty(
    '--shade',
    cell ? `${(100 * Math.min(1, Math.abs(cell.shade))).toFixed(1)}%` : '0%',
  );
  target.textContent = cell?.text ?? '';
  target.title = cell?.title ?? '';
}
