/** What of the hub's models this browser keeps, and how to be rid of it. */

import type { CachedRepository } from 'listwise';
import { t } from '../languages/language.js';
import { byId } from '../page-elements.js';
import { bytesInWords } from './sizes.js';

const section = byId('model-storage', HTMLElement);
const list = section.querySelector('ul')!;
const line = section.querySelector('p')!;

export async function showStorage(
  models: readonly CachedRepository[],
  remove: (repository: string) => void,
): Promise<void> {
  list.replaceChildren(
    ...models.map(({ repository, bytes }) => {
      const item = document.createElement('li');
      const name = Object.assign(document.createElement('span'), { textContent: repository });
      const size = Object.assign(document.createElement('span'), { textContent: bytesInWords(bytes) });
      const button = Object.assign(document.createElement('button'), {
        ...{ type: 'button', className: 'link', textContent: t().remove },
        ariaLabel: t().removeFile(repository),
      });
      button.addEventListener('click', () => remove(repository));
      item.append(name, size, button);
      return item;
    }),
  );
  line.textContent = await roomInWords();
  section.hidden = models.length === 0;
}

/**
 * Asks the browser to keep what is downloaded even when the disk gets full. It may refuse, or ask the visitor in turn
 * (Firefox), who may never answer: nothing waits for that.
 */
export function askToPersist(): void {
  navigator.storage?.persist?.().catch(() => false);
}

async function roomInWords(): Promise<string> {
  const { usage, quota } = (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
  if (usage === undefined || quota === undefined) return '';
  const room = t().modelRoom(bytesInWords(usage), bytesInWords(quota));
  const kept = (await navigator.storage.persisted?.()) ?? false;
  return kept ? room : `${room} ${t().modelMayBeCleared}`;
}
