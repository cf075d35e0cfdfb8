/** Small texts kept between runs, in Node: files of a folder of the user's cache. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Undefined where there is none. */
export async function readRecord(name: string): Promise<string | undefined> {
  return readFile(join(recordFolder(), name), 'utf8').catch(() => undefined);
}

/** Throws where the folder can't be written. The file is there whole or not at all. */
export async function writeRecord(name: string, text: string): Promise<void> {
  const folder = recordFolder();
  await mkdir(folder, { recursive: true });
  const aside = join(folder, `${name}.${process.pid}`);
  await writeFile(aside, text);
  await rename(aside, join(folder, name));
}

function recordFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'listwise');
}
