/**
 * The hub's cache in a browser, laid out like the one in Node, except that a blob stays in its parts: a browser
 * reads several files as one, and does not have to copy a gigabyte.
 *
 *   models--owner--name/
 *     refs/main                        a commit
 *     trees/<commit>.json              its files
 *     snapshots/<commit>/config.json   the id of
 *     blobs/<id>/whole                 a content: its parts, in order
 *     blobs/<id>/parts/0-1000          one of them
 */
import { ListwiseError } from '../error.js';
import { BlobSource } from './blob-source.js';
import { createHash } from './browser-hash.js';
import { openStorage, type Storage } from './browser-storage.js';
import type { ByteSource } from './byte-source.js';
import {
  type CachedRepository,
  type HubBlob,
  hashedHeader,
  type RepositoryCache,
  repositoryFolder,
  repositoryOfFolder,
  type Span,
} from './repository-cache.js';

const CLEARED = 'Load the model again: the browser may have cleared its storage.';

export async function openRepositoryCache(
  cacheFolder: string,
  repository: string,
  onNotice: (notice: string) => void,
): Promise<RepositoryCache> {
  return new StorageCache(await openStorage(onNotice), `${cacheFolder}/${repositoryFolder(repository)}`);
}

export async function listRepositories(cacheFolder: string): Promise<CachedRepository[]> {
  const storage = await openStorage(() => {});
  const found: CachedRepository[] = [];
  for (const folder of await storage.list(cacheFolder)) {
    const repository = repositoryOfFolder(folder);
    if (repository === undefined) continue;
    found.push({ repository, bytes: await bytesOfBlobs(storage, `${cacheFolder}/${folder}/blobs`) });
  }
  return found;
}

/** Of the contents, whole or not; the few kilobytes of the cache's own are left out. */
async function bytesOfBlobs(storage: Storage, folder: string): Promise<number> {
  let bytes = 0;
  for (const id of await storage.list(folder)) {
    const parts = `${folder}/${id}/parts`;
    for (const part of await storage.list(parts)) bytes += (await storage.get(`${parts}/${part}`))?.size ?? 0;
  }
  return bytes;
}

export async function removeRepository(cacheFolder: string, repository: string): Promise<void> {
  const storage = await openStorage(() => {});
  await storage.remove(`${cacheFolder}/${repositoryFolder(repository)}`);
}

class StorageCache implements RepositoryCache {
  readonly place = "this browser's storage";
  readonly #storage: Storage;
  readonly #folder: string;

  constructor(storage: Storage, folder: string) {
    this.#storage = storage;
    this.#folder = folder;
  }

  async isNew(): Promise<boolean> {
    return (await this.#storage.list(`${this.#folder}/snapshots`)).length === 0;
  }

  async text(path: string): Promise<string | undefined> {
    return (await this.#storage.get(`${this.#folder}/${path}`))?.text();
  }

  async setText(path: string, text: string): Promise<void> {
    await this.#storage.put(`${this.#folder}/${path}`, new TextEncoder().encode(text));
  }

  async names(commit: string): Promise<string[]> {
    const names = await this.#storage.list(`${this.#folder}/snapshots/${commit}`);
    const contents = await Promise.all(names.map((name) => this.#content(commit, name)));
    return names.filter((_, i) => contents[i]);
  }

  async open(commit: string, name: string): Promise<ByteSource> {
    const content = await this.#content(commit, name);
    if (content) return new BlobSource(name, content, CLEARED);
    throw new ListwiseError('checkpoint-not-found', `There is no ${name} in ${this.place}.`);
  }

  async hasBlob({ id }: HubBlob): Promise<boolean> {
    return (await this.#whole(id)) !== undefined;
  }

  async link({ id }: HubBlob, commit: string, name: string): Promise<void> {
    await this.setText(`snapshots/${commit}/${name}`, id);
  }

  async hasPart({ id }: HubBlob, span: Span): Promise<boolean> {
    return (await this.#part(id, span)) !== undefined;
  }

  async putPart({ id }: HubBlob, span: Span, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#storage.put(this.#partPath(id, span), bytes);
  }

  async join(blob: HubBlob, spans: readonly Span[]): Promise<boolean> {
    const parts = await Promise.all(spans.map((span) => this.#part(blob.id, span)));
    if ((await hashOf(blob, parts as Blob[])) !== blob.id) return false;
    await this.setText(`blobs/${blob.id}/whole`, JSON.stringify(spans));
    return true;
  }

  async discard(blob: HubBlob): Promise<void> {
    if (await this.hasBlob(blob)) return; // it consists of them
    await this.#storage.remove(`${this.#folder}/blobs/${blob.id}/parts`);
  }

  /** A file of a snapshot, when all of it is here: a browser may clear what it likes. */
  async #content(commit: string, name: string): Promise<Blob | undefined> {
    const id = await this.text(`snapshots/${commit}/${name}`);
    return id === undefined ? undefined : this.#whole(id);
  }

  async #whole(id: string): Promise<Blob | undefined> {
    const spans = await this.text(`blobs/${id}/whole`);
    if (spans === undefined) return undefined;
    const parts = await Promise.all((JSON.parse(spans) as Span[]).map((span) => this.#part(id, span)));
    return parts.every((part) => part !== undefined) ? new Blob(parts) : undefined;
  }

  async #part(id: string, span: Span): Promise<Blob | undefined> {
    const part = await this.#storage.get(this.#partPath(id, span));
    return part?.size === span.end - span.start ? part : undefined;
  }

  #partPath(id: string, { start, end }: Span): string {
    return `${this.#folder}/blobs/${id}/parts/${start}-${end}`;
  }
}

/** Hashes parts one after the other; a browser's own functions take whole messages only. */
async function hashOf(blob: HubBlob, parts: readonly Blob[]): Promise<string> {
  const hash = createHash(blob.algorithm).update(hashedHeader(blob));
  for (const part of parts) hash.update(new Uint8Array(await part.arrayBuffer()));
  return Array.from(hash.digest(), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
