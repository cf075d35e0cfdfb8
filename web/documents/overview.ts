/** All documents as they will be ranked, to be read before. */
import { byId, element } from '../page-elements.js';
import { paragraphOf } from '../text-of.js';
import { virtualList } from '../virtual-list.js';
import type { Passage } from './passage.js';
import { sourceOf } from './source-of.js';

/** Shows the documents that it is given, while it is open. */
export function overview(): (passages: readonly Passage[]) => void {
  const details = byId('overview', HTMLDetailsElement);
  const scroller = byId('overview-scroller', HTMLDivElement);
  let latest: readonly Passage[] = [];
  const list = virtualList<Passage>(byId('overview-list', HTMLUListElement), scroller, (passage) => {
    const item = element('li', 'passage');
    item.append(paragraphOf(passage.text));
    const source = sourceOf(passage);
    if (source !== '') item.append(element('span', 'source', source));
    return item;
  });
  details.addEventListener('toggle', () => list.show(details.open ? latest : []));
  return (passages) => {
    latest = passages;
    details.hidden = passages.length === 0;
    if (details.open) list.show(passages);
  };
}
