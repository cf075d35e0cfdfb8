/**
 * The hub's cache in Node: the folder that Python's huggingface_hub keeps, in its layout, so that what one has
 * downloaded the other finds.
 *
 *   models--owner--name/
 *     refs/main                        a commit
 *     trees/<commit>.json              its files
 *     snapshots/<commit>/config.json   a link to
 *     blobs/<id>                       a content
 *     blobs/<id>.0-1000.incomplete     a part of one
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  copyFile,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { ByteSource } from './byte-source.js';
import { openFile } from './node-files.js';
import { withHome } from './node-home.js';
import {
  type CachedRepository,
  type HubBlob,
  hashedHeader,
  type RepositoryCache,
  repositoryFolder,
  repositoryOfFolder,
  type Span,
} from './repository-cache.js';

const COPIED_AT_ONCE = 2 ** 20; // bytes

/** The cache of one repository. Makes no folder before there is something to put into it. */
export async function openRepositoryCache(
  cacheFolder: string,
  repository: string,
  _onNotice: (notice: string) => void,
): Promise<RepositoryCache> {
  return new FolderCache(join(withHome(cacheFolder), repositoryFolder(repository)));
}

export async function listRepositories(cacheFolder: string): Promise<CachedRepository[]> {
  const found: CachedRepository[] = [];
  for (const folder of await namesIn(cacheFolder)) {
    const repository = repositoryOfFolder(folder);
    if (repository === undefined) continue;
    const blobs = join(cacheFolder, folder, 'blobs');
    const files = (await namesIn(blobs)).map((name) => stat(join(blobs, name)).catch(() => undefined));
    const sizes = (await Promise.all(files)).map((stats) => stats?.size ?? 0);
    found.push({ repository, bytes: sizes.reduce((sum, size) => sum + size, 0) });
  }
  return found;
}

export async function removeRepository(cacheFolder: string, repository: string): Promise<void> {
  await rm(join(cacheFolder, repositoryFolder(repository)), { recursive: true, force: true });
}

class FolderCache implements RepositoryCache {
  readonly place: string;

  constructor(folder: string) {
    this.place = folder;
  }

  async isNew(): Promise<boolean> {
    return (await namesIn(join(this.place, 'snapshots'))).length === 0;
  }

  async text(path: string): Promise<string | undefined> {
    return readFile(join(this.place, path), 'utf8').catch(() => undefined);
  }

  async setText(path: string, text: string): Promise<void> {
    await writeWhole(join(this.place, path), text);
  }

  async names(commit: string): Promise<string[]> {
    const folder = this.#snapshot(commit);
    const names = await namesIn(folder);
    const whole = await Promise.all(names.map((name) => isFile(join(folder, name)))); // a link may lead nowhere
    return names.filter((_, i) => whole[i]);
  }

  async open(commit: string, name: string): Promise<ByteSource> {
    return openFile(join(this.#snapshot(commit), name));
  }

  async hasBlob(blob: HubBlob): Promise<boolean> {
    return isFile(this.#blob(blob));
  }

  /** Where links can't be had, as on Windows without its developer mode, the file is copied. */
  async link(blob: HubBlob, commit: string, name: string): Promise<void> {
    const path = join(this.#snapshot(commit), name);
    await mkdir(dirname(path), { recursive: true });
    const place = temporary(path);
    try {
      await symlink(relative(dirname(path), this.#blob(blob)), place).catch(() =>
        copyFile(this.#blob(blob), place),
      );
      await rename(place, path);
    } finally {
      await rm(place, { force: true });
    }
  }

  /** After a power cut a file may be there and be shorter. */
  async hasPart(blob: HubBlob, span: Span): Promise<boolean> {
    const stats = await stat(this.#part(blob, span)).catch(() => undefined);
    return stats?.size === span.end - span.start;
  }

  async putPart(blob: HubBlob, span: Span, bytes: Uint8Array): Promise<void> {
    await writeWhole(this.#part(blob, span), bytes);
  }

  /** The bytes that are hashed are the bytes that are written, to a file that no other process knows. */
  async join(blob: HubBlob, spans: readonly Span[]): Promise<boolean> {
    const path = temporary(this.#blob(blob));
    await mkdir(dirname(path), { recursive: true });
    const hash = createHash(blob.algorithm).update(hashedHeader(blob));
    try {
      const file = await open(path, 'wx');
      try {
        const buffer = new Uint8Array(COPIED_AT_ONCE);
        for (const span of spans) {
          for await (const bytes of chunksOf(this.#part(blob, span), buffer)) {
            hash.update(bytes);
            await file.writeFile(bytes);
          }
        }
        await file.sync();
      } finally {
        await file.close();
      }
      if (hash.digest('hex') !== blob.id) return false;
      await rename(path, this.#blob(blob));
    } finally {
      await rm(path, { force: true });
    }
    return true;
  }

  async discard(blob: HubBlob): Promise<void> {
    const folder = join(this.place, 'blobs');
    const ours = new RegExp(`^${blob.id}\\.(\\d+-\\d+\\.incomplete|.*\\.tmp)$`); // Python has files of its own here
    for (const name of await namesIn(folder))
      if (ours.test(name)) await rm(join(folder, name), { force: true });
  }

  #snapshot(commit: string): string {
    return join(this.place, 'snapshots', commit);
  }

  #blob({ id }: HubBlob): string {
    return join(this.place, 'blobs', id);
  }

  #part(blob: HubBlob, { start, end }: Span): string {
    return `${this.#blob(blob)}.${start}-${end}.incomplete`;
  }
}

/** Writes a file that is there whole or not at all, however many write it at once. */
async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const place = temporary(path);
  try {
    await writeFile(place, content);
    await rename(place, path);
  } finally {
    await rm(place, { force: true });
  }
}

/** A file's bytes, each time in the same memory. */
async function* chunksOf(path: string, buffer: Uint8Array): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** A name beside `path` that no other process takes. */
function temporary(path: string): string {
  return `${path}.${randomUUID()}.tmp`;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
