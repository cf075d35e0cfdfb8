/** Files and folders in Node. In their paths `~` is the home folder. */
import { open, readdir, stat } from 'node:fs/promises';
import { ListwiseError } from '../error.js';
import type { ByteSource } from './byte-source.js';
import { withHome } from './node-home.js';

/** Whether there is a file or a folder of this path. */
export async function exists(path: string): Promise<boolean> {
  return stat(withHome(path)).then(
    () => true,
    () => false,
  );
}

/** The names of the files in a folder. Throws `checkpoint-not-found`. */
export async function listFolder(path: string): Promise<string[]> {
  try {
    return await readdir(withHome(path));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Opens a file to be read by range. Throws `checkpoint-not-found`. */
export async function openFile(path: string): Promise<ByteSource> {
  try {
    const place = withHome(path);
    const stats = await stat(place);
    if (!stats.isFile()) throw new Error('it is not a file');
    const file = await open(place);
    return {
      name: path,
      size: stats.size,
      async read(offset, into) {
        const { bytesRead } = await file.read(into, 0, into.byteLength, offset).catch((cause: unknown) => {
          throw unreadable(path, cause);
        });
        if (bytesRead === into.byteLength) return;
        throw new ListwiseError('checkpoint-corrupt', `${path} became shorter while it was read.`);
      },
      close: () => file.close(),
    };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function unreadable(path: string, cause: unknown): ListwiseError {
  const why = isMissing(cause)
    ? 'is not there'
    : `can't be read (${cause instanceof Error ? cause.message : cause})`;
  return new ListwiseError('checkpoint-not-found', `${path} ${why}.`, {
    cause,
    hint: 'Give the folder of a checkpoint, a name on the Hugging Face hub such as jinaai/jina-reranker-v3, or no model at all for the embedded one.',
  });
}
