/** What there is to do, before anything is loaded: how many lists there are, and whether the answers are theirs. */
import { stat } from 'node:fs/promises';
import { ListwiseError } from '../error.js';
import { hashOf, readLists } from './list.js';
import type { Output } from './output.js';

/** Throws `invalid-input` when there is no such file. */
export async function checkLists(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new ListwiseError('invalid-input', `${path} is not there or can't be read.`, { cause });
  });
  if (found.isFile()) return;
  throw new ListwiseError('invalid-input', `${path} is not a file, and lists are read twice.`, {
    hint: 'Write what comes from a pipe to a file first.',
  });
}

/**
 * Counts the lists. Throws `invalid-input` when a line that was answered has another text now, or is gone. `onRead`
 * hears of bytes.
 */
export async function countLists(
  path: string,
  output: Output,
  onRead: (done: number, total: number) => void,
): Promise<number> {
  const { size } = await stat(path);
  let lists = 0;
  let answered = 0;
  for await (const line of readLists(path)) {
    lists++;
    onRead(line.end, size);
    const hash = output.hashAt(line.number);
    if (hash === undefined) continue;
    answered++;
    if (hash !== hashOf(line)) throw changed(path, `line ${line.number} had another text`);
  }
  if (answered < output.answered) throw changed(path, 'lines that were answered are gone');
  return lists;
}

function changed(path: string, how: string): ListwiseError {
  return new ListwiseError('invalid-input', `${path} was changed since answers were written: ${how}.`, {
    hint: 'Lines may be added at the end. For other lists name another --out.',
  });
}
