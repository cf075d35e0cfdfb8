/** Where a browser keeps bytes between visits. */

/** Bytes by path. What is put is there whole or not at all. */
export interface Storage {
  /** Throws a `QuotaExceededError` where there is no more room. */
  put(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** A view of the bytes, read when it is sliced, or nothing. */
  get(path: string): Promise<Blob | undefined>;
  /** The names in a folder. */
  list(folder: string): Promise<string[]>;
  /** Removes a folder and all in it. */
  remove(folder: string): Promise<void>;
}

/** The folder or the cache that is this package's. */
const NAME = 'listwise';

/**
 * The origin's private file system; the Cache API where that can't be written to (Safari before 26); else memory,
 * which is gone with the page: private windows and pages that are not secure have nothing else.
 */
export async function openStorage(onNotice: (notice: string) => void): Promise<Storage> {
  const attempts = [openFileSystem, openCache];
  for (const attempt of attempts) {
    const storage = await attempt().catch(() => undefined);
    if (storage) return storage;
  }
  onNotice('This browser keeps no files for this page: what is downloaded is gone when it is closed.');
  memory ??= new Memory();
  return memory;
}

async function openFileSystem(): Promise<Storage | undefined> {
  if (!('createWritable' in FileSystemFileHandle.prototype)) return undefined;
  const root = await navigator.storage.getDirectory();
  return new PrivateFiles(await root.getDirectoryHandle(NAME, { create: true }));
}

async function openCache(): Promise<Storage> {
  return new CachedResponses(await caches.open(NAME));
}

/** One for the page, so that a model is downloaded once. */
let memory: Storage | undefined;

class PrivateFiles implements Storage {
  readonly #root: FileSystemDirectoryHandle;
  /** Bytes that are being put. */
  #underWay = 0;

  constructor(root: FileSystemDirectoryHandle) {
    this.#root = root;
  }

  async put(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#underWay += bytes.byteLength;
    try {
      await this.#write(path, bytes);
    } catch (error) {
      throw (await this.#isFull()) ? new DOMException('There is no more room.', 'QuotaExceededError') : error;
    } finally {
      this.#underWay -= bytes.byteLength;
    }
  }

  /** Where there is no more room Chrome says so, or, as chance has it, that a pipe is broken. */
  async #isFull(): Promise<boolean> {
    const { quota = Number.POSITIVE_INFINITY, usage = 0 } = await navigator.storage.estimate();
    return quota - usage < this.#underWay;
  }

  /** A writable's bytes replace the file's when it is closed; what was cut off before is an empty file. */
  async #write(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const folder = await this.#folder(folderOf(path), true);
    const file = await folder!.getFileHandle(nameOf(path), { create: true });
    const writable = await file.createWritable();
    await writable.write(bytes);
    await writable.close();
  }

  async get(path: string): Promise<Blob | undefined> {
    const folder = await this.#folder(folderOf(path));
    const handle = await folder?.getFileHandle(nameOf(path)).catch(noneFound);
    const file = await handle?.getFile();
    return file && file.size > 0 ? file : undefined;
  }

  async list(path: string): Promise<string[]> {
    const folder = await this.#folder(path);
    const names: string[] = [];
    for await (const name of folder?.keys() ?? []) names.push(name);
    return names;
  }

  async remove(path: string): Promise<void> {
    const folder = await this.#folder(folderOf(path));
    await folder?.removeEntry(nameOf(path), { recursive: true }).catch(noneFound);
  }

  async #folder(path: string, create = false): Promise<FileSystemDirectoryHandle | undefined> {
    let folder: FileSystemDirectoryHandle | undefined = this.#root;
    for (const name of path.split('/')) {
      folder = await folder?.getDirectoryHandle(name, { create }).catch(noneFound);
    }
    return folder;
  }
}

function noneFound(error: unknown): undefined {
  if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
  throw error;
}

class CachedResponses implements Storage {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  async put(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#cache.put(urlOf(path), new Response(bytes));
  }

  async get(path: string): Promise<Blob | undefined> {
    return (await this.#cache.match(urlOf(path)))?.blob();
  }

  async list(folder: string): Promise<string[]> {
    return namesBelow(folder, await this.#paths());
  }

  async remove(folder: string): Promise<void> {
    const paths = (await this.#paths()).filter((path) => path.startsWith(`${folder}/`));
    for (const path of paths) await this.#cache.delete(urlOf(path));
  }

  async #paths(): Promise<string[]> {
    const keys = await this.#cache.keys();
    return keys.map(({ url }) => decodeURIComponent(new URL(url).pathname.slice(1)));
  }
}

/** Keys of the Cache API are addresses; nothing is ever fetched from these. */
function urlOf(path: string): string {
  return new URL(`/${encodeURIComponent(path)}`, 'https://listwise.invalid').href;
}

class Memory implements Storage {
  readonly #blobs = new Map<string, Blob>();

  async put(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#blobs.set(path, new Blob([bytes]));
  }

  async get(path: string): Promise<Blob | undefined> {
    return this.#blobs.get(path);
  }

  async list(folder: string): Promise<string[]> {
    return namesBelow(folder, [...this.#blobs.keys()]);
  }

  async remove(folder: string): Promise<void> {
    for (const path of this.#blobs.keys()) if (path.startsWith(`${folder}/`)) this.#blobs.delete(path);
  }
}

/** The next names of the paths that begin with `folder`. */
function namesBelow(folder: string, paths: readonly string[]): string[] {
  const below = paths.filter((path) => path.startsWith(`${folder}/`));
  return [...new Set(below.map((path) => path.slice(folder.length + 1).split('/')[0]!))];
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
