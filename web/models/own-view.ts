/** Where a visitor gives a model of their own: by a button, or by dropping it. */
import { byId } from '../page-elements.js';
import { canPickFolder, droppedFiles, type OwnFiles, ownFilesOf, pickFolder } from './own-files.js';

const area = byId('model-own', HTMLDivElement);
const folderInput = byId('model-folder-input', HTMLInputElement);
const filesInput = byId('model-files-input', HTMLInputElement);

export function onOwnFiles(take: (own: OwnFiles) => void): void {
  const takeIfAny = (own: OwnFiles | undefined) => {
    if (own) take(own);
  };
  byId('model-folder', HTMLButtonElement).addEventListener('click', () => {
    if (canPickFolder()) void pickFolder().then(takeIfAny);
    else folderInput.click();
  });
  byId('model-files', HTMLButtonElement).addEventListener('click', () => filesInput.click());
  for (const input of [folderInput, filesInput]) {
    input.addEventListener('change', () => {
      takeIfAny(ownFilesOf(input.files ?? []));
      input.value = ''; // so that the same can be chosen again
    });
  }
  area.addEventListener('dragover', (event) => {
    event.preventDefault();
    area.classList.add('over');
  });
  area.addEventListener('dragleave', () => area.classList.remove('over'));
  area.addEventListener('drop', (event) => {
    event.preventDefault();
    event.stopPropagation(); // files that are dropped elsewhere are documents
    area.classList.remove('over');
    byId('drop', HTMLDivElement).classList.remove('shown');
    if (event.dataTransfer) void droppedFiles(event.dataTransfer).then(takeIfAny);
  });
}
