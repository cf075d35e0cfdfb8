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
import { createHash } from './browser-hash.js';
import { openStorage, type Storage } from './browser-storage.js';
import type { ByteSource } from './byte-source.js';
import {
  type HubBlob,
  hashedHeader,
  type RepositoryCache,
  repositoryFolder,
  type Span,
} from './repository-cache.js';

export async function openRepositoryCache(
  cacheFolder: string,
  repository: string,
  onNotice: (notice: string) => void,
): Promise<RepositoryCache> {
  return new StorageCache(await openStorage(onNotice), `${cacheFolder}/${repositoryFolder(repository)}`);
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
    if (content) return new BlobSource(name, content);
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

class BlobSource implements ByteSource {
  readonly name: string;
  readonly #blob: Blob;

  constructor(name: string, blob: Blob) {
    this.name = name;
    this.#blob = blob;
  }

  get size(): number {
    return this.#blob.size;
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    const slice = this.#blob.slice(offset, offset + into.length);
    const bytes = await slice.arrayBuffer().catch((cause: unknown) => {
      throw new ListwiseError('checkpoint-not-found', `${this.name} can't be read any more.`, {
        cause,
        hint: 'Load the model again: the browser may have cleared its storage.',
      });
    });
    into.set(new Uint8Array(bytes));
  }

  async close(): Promise<void> {}
}
