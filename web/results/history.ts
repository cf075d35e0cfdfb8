/** Queries of this session: choosing one shows its ranking again. They are forgotten with the page. */
import type { Passage } from '../documents/passage.js';
import { byId } from '../page-elements.js';
import type { Answered } from './results.js';

const MOST = 20;

export interface History {
  readonly add: (answered: Answered) => void;
  /** The latest one on the same documents, on the same device. */
  readonly before: (passages: readonly Passage[], device: string) => Answered | undefined;
}

export function history(onChoose: (answered: Answered) => void): History {
  const select = byId('history', HTMLSelectElement);
  let entries: readonly Answered[] = [];
  select.addEventListener('change', () => {
    const chosen = entries[select.selectedIndex - 1]; // the first option is the name of the list
    select.selectedIndex = 0;
    if (chosen) onChoose(chosen);
  });
  return {
    add: (answered) => {
      entries = [answered, ...entries.filter(({ query }) => query !== answered.query)].slice(0, MOST);
      select.replaceChildren(select.options[0]!, ...entries.map(({ query }) => new Option(query)));
      select.hidden = false;
    },
    before: (passages, device) =>
      entries.find(
        (entry) =>
          entry.device.description === device &&
          entry.passages.length === passages.length &&
          entry.passages.every(({ text }, i) => text === passages[i]!.text),
      ),
  };
}
