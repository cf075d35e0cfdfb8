/** Files that a visitor drops anywhere on the page. */
import { byId } from '../page-elements.js';

const veil = byId('drop', HTMLDivElement);

/** Calls back with the files of every drop. While files are over the page, a veil says so. */
export function onDroppedFiles(take: (files: readonly File[]) => void): void {
  addEventListener('dragenter', (event) => {
    if (holdsFiles(event)) veil.classList.add('shown');
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) veil.classList.remove('shown'); // it left the window
  });
  addEventListener('dragover', (event) => {
    if (holdsFiles(event)) event.preventDefault(); // that is how a page says that it takes them
  });
  addEventListener('drop', (event) => {
    veil.classList.remove('shown');
    if (!holdsFiles(event)) return;
    event.preventDefault();
    take([...(event.dataTransfer?.files ?? [])]);
  });
}

/** Text that is dragged about is none of this module's business. */
function holdsFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') ?? false;
}
