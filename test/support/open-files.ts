/** Which files this process holds open: what a failed load must not leave behind. */
import { readdir, readlink } from 'node:fs/promises';

/** Linux alone lists them. */
export const CAN_LIST_OPEN_FILES = process.platform === 'linux';

export const NO_LIST = 'Linux alone lists the files and threads of a process';

/** The open files whose path begins with `folder`. */
export async function openFilesIn(folder: string): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const paths = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return paths.filter((path) => path.startsWith(folder));
}
