/** Asks which column of a table holds the documents. */
import { t } from '../languages/language.js';
import { byId, element } from '../page-elements.js';
import { likelyColumn, type Table } from './formats/table.js';

/** So much of a column's first field is shown. */
const SAMPLE = 120;

/** The column that was chosen; nothing if the dialog was closed without. */
export function askColumn(table: Table, name: string): Promise<number | undefined> {
  const dialog = byId('columns', HTMLDialogElement);
  byId('columns-title', HTMLHeadingElement).textContent = t().columnTitle(name);
  byId('columns-rows', HTMLParagraphElement).textContent = t().columnRows(table.rows.length);
  const likely = likelyColumn(table);
  byId('columns-list', HTMLDivElement).replaceChildren(
    ...table.names.map((column, index) => choice(table, column, index, index === likely)),
  );
  dialog.returnValue = '';
  dialog.showModal();
  dialog.querySelector<HTMLInputElement>('input:checked')?.focus();
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        const chosen = dialog.querySelector<HTMLInputElement>('input:checked');
        resolve(dialog.returnValue === 'take' && chosen ? Number(chosen.value) : undefined);
      },
      { once: true },
    );
  });
}

function choice({ rows }: Table, name: string, index: number, checked: boolean): HTMLLabelElement {
  const label = element('label', 'column');
  const radio = element('input');
  radio.type = 'radio';
  radio.name = 'column';
  radio.value = String(index);
  radio.checked = checked;
  const words = element('span');
  words.append(
    element('strong', '', name.trim() || t().columnUnnamed(index + 1)),
    element('span', 'hint', rows[0]?.fields[index]?.slice(0, SAMPLE) ?? ''),
  );
  for (const each of words.children) (each as HTMLElement).dir = 'auto';
  label.append(radio, words);
  return label;
}
