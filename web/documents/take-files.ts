/** Takes files into the collection, one after the other. What can't be taken is named, and the others are kept. */
import { t } from '../languages/language.js';
import { sentencesOf } from '../problem.js';
import { showError, showStatus } from '../status.js';
import type { Collection } from './collection.js';
import { askColumn } from './column-dialog.js';
import { passagesOfFile } from './read-file.js';

let last: Promise<void> = Promise.resolve();

export function takeFiles(files: readonly File[], collection: Collection): void {
  last = last.then(() => take(files, collection));
}

async function take(files: readonly File[], collection: Collection): Promise<void> {
  const taken: string[] = [];
  const problems: string[] = [];
  let count = 0;
  for (const file of files) {
    showStatus(t().reading(file.name));
    try {
      const passages = await passagesOfFile(file, askColumn);
      if (!passages) continue;
      collection.add({ name: file.name, passages });
      taken.push(file.name);
      count += passages.length;
    } catch (error) {
      problems.push(sentencesOf(error));
    }
  }
  if (problems.length > 0) showError(problems.join('\n'));
  showStatus(taken.length > 0 ? t().took(count, taken.join(', ')) : '', { keepError: true });
}
