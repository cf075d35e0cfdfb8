/** The files of a model, wherever they lie: in a folder, in a cache of the hub, in a browser's storage. */
import { listFolder, openFile } from '#platform';
import type { ByteSource } from '../platform/byte-source.js';
import { isGguf } from './gguf/parts.js';

/** The files of a model in one of its packagings, wherever they are. */
export interface ModelFiles {
  /** What people call the model. */
  readonly name: string;
  /** The names of its files. */
  readonly names: readonly string[];
  /** Opens the file `name`, one of `names`, to be read by range. */
  open(name: string): Promise<ByteSource>;
}

/** The files of a folder. Throws `checkpoint-not-found`. */
export async function folderFiles(folder: string): Promise<ModelFiles> {
  const names = await listFolder(folder);
  return { name: folder, names, open: (name) => openFile(`${folder}/${name}`) };
}

/**
 * What lies at a path: a folder's files, or, for the path of a .gguf file, the files of its folder and its own name.
 * Throws `checkpoint-not-found`.
 */
export async function filesAt(path: string): Promise<{ files: ModelFiles; main?: string }> {
  if (!isGguf(path)) return { files: await folderFiles(path) };
  const [, folder, main] = /^(?:(.*)[/\\])?(.+)$/s.exec(path)!;
  return { files: await folderFiles(folder === undefined ? '.' : folder || '/'), main: main! };
}

/** The text of a small file, or undefined when there is no such file. */
export async function readText(files: ModelFiles, name: string): Promise<string | undefined> {
  if (!files.names.includes(name)) return undefined;
  const source = await files.open(name);
  try {
    const bytes = new Uint8Array(source.size);
    await source.read(0, bytes);
    return new TextDecoder().decode(bytes);
  } finally {
    await source.close();
  }
}
