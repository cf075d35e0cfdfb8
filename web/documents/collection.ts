/** The documents of the page: those in its text field, and those of files beside it. */
import { t } from '../languages/language.js';
import { byId, element, linkButton } from '../page-elements.js';
import type { Passage } from './passage.js';
import { documentsOfText } from './pasted.js';

/** Pasted text of more characters goes beside the field, where it doesn't slow down typing. */
const MOST_IN_FIELD = 300_000;

/** Counting waits for a pause in typing. Milliseconds. */
const PAUSE = 150;

interface Source {
  readonly name: string;
  readonly passages: readonly Passage[];
}

export interface Collection {
  readonly passages: () => readonly Passage[];
  readonly add: (source: Source) => void;
  /** Takes the place of everything. */
  readonly replace: (texts: readonly string[]) => void;
}

export function collection(onChange: (passages: readonly Passage[]) => void): Collection {
  const field = byId('documents', HTMLTextAreaElement);
  const list = byId('files', HTMLUListElement);
  const example = field.value;
  let sources: readonly Source[] = [];
  let typed: { readonly text: string; readonly passages: readonly Passage[] } | undefined;
  let pause: ReturnType<typeof setTimeout> | undefined;

  const passages = () => {
    if (typed?.text !== field.value) typed = { text: field.value, passages: documentsOfText(field.value) };
    return [...typed.passages, ...sources.flatMap((source) => source.passages)];
  };

  const changed = () => {
    clearTimeout(pause);
    list.hidden = sources.length === 0;
    list.replaceChildren(...sources.map(itemOf));
    const all = passages();
    byId('count', HTMLOutputElement).textContent = t().counted(all.length);
    onChange(all);
  };

  const itemOf = (source: Source): HTMLLIElement => {
    const item = element('li', 'file');
    const remove = linkButton(t().remove, () => {
      sources = sources.filter((other) => other !== source);
      changed();
      field.focus();
    });
    remove.ariaLabel = t().removeFile(source.name);
    const name = element('span', 'file-name', source.name);
    name.dir = 'auto';
    item.append(name, element('span', 'hint', t().passages(source.passages.length)), remove);
    return item;
  };

  const add = (source: Source) => {
    if (field.value === example) field.value = ''; // it makes room for the visitor's own
    sources = [...sources, source];
    changed();
  };

  field.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(changed, PAUSE);
  });
  field.addEventListener('paste', (event) => {
    const text = event.clipboardData?.getData('text') ?? '';
    if (text.length <= MOST_IN_FIELD) return;
    event.preventDefault();
    const name = t().pastedText;
    add({ name, passages: documentsOfText(text).map((passage) => ({ ...passage, file: name })) });
  });
  changed();
  return {
    passages,
    add,
    replace: (texts) => {
      field.value = texts.map((text) => text.replaceAll(/\s*\n\s*/g, ' ').trim()).join('\n\n');
      sources = [];
      changed();
    },
  };
}
