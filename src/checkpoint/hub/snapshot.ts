/** A model's files in one commit: those in the cache, and how the rest is brought there. */
import type { RepositoryCache } from '../../platform/repository-cache.js';
import { type ModelFiles, readText } from '../files.js';
import { INDEX_FILE } from '../packaging.js';
import { type DownloadOptions, downloadBlob, type Portions } from './download.js';
import { kept } from './kept.js';
import type { HubName } from './name.js';
import { fileUrl } from './repository.js';
import type { HubRequests } from './requests.js';
import { checkPackaging, looksWhole, onlyGguf, smallFiles, weightFiles } from './selection.js';
import { cachedTree, fetchTree, type Tree } from './tree.js';

/** How far a download has come, in bytes. */
export interface DownloadProgress {
  readonly phase: 'download';
  readonly done: number;
  readonly total: number;
  /** The file that is coming in. */
  readonly file: { readonly name: string; readonly done: number; readonly total: number };
}

export interface SnapshotOptions {
  readonly portions: Portions;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: DownloadProgress) => void;
}

export class Snapshot {
  readonly commit: string;
  readonly #cache: RepositoryCache;
  readonly #name: HubName;

  constructor(cache: RepositoryCache, name: HubName, commit: string) {
    this.commit = commit;
    this.#cache = cache;
    this.#name = name;
  }

  /** The model's files, when all of them are in the cache. */
  async cached(): Promise<ModelFiles | undefined> {
    const present = await this.#cache.names(this.commit);
    const tree = await cachedTree(this.#cache, this.commit);
    const index = await readText(this.#files(present), INDEX_FILE);
    const all = tree ? [...tree.keys()] : present;
    const file = this.#name.file ?? onlyGguf(all);
    const wanted = [...smallFiles(all, file), ...weightFiles(all, file, index)];
    const whole = looksWhole(present, file, index) && wanted.every((name) => present.includes(name));
    return whole ? this.#files(wanted) : undefined;
  }

  /**
   * Brings the model's files into the cache. The weights come last: where they are, the rest is. Throws
   * `download-failed`, `checkpoint-not-found`, `checkpoint-corrupt`, `unauthorized`.
   */
  async download(requests: HubRequests, options: SnapshotOptions): Promise<ModelFiles> {
    const { repository } = this.#name;
    const tree =
      (await cachedTree(this.#cache, this.commit)) ??
      (await fetchTree(requests, this.#cache, repository, this.commit));
    const all = [...tree.keys()];
    checkPackaging(all, repository, this.#name.file);
    const file = this.#name.file ?? onlyGguf(all);
    let done = 0; // bytes of the files before
    const bring = async (names: readonly string[], total: number) => {
      for (const name of names) {
        const { size } = tree.get(name)!;
        const onProgress = (bytes: number) =>
          options.onProgress({
            ...{ phase: 'download', done: done + bytes, total },
            file: { name, done: bytes, total: size },
          });
        await this.#bring(requests, name, tree, { ...options, onProgress });
        done += size;
      }
    };
    const small = smallFiles(all, file);
    // Until the index is here, any file of tensors may be wanted.
    await bring(small, sizeOf(tree, [...small, ...weightFiles(all, file, undefined)]));
    const index = await readText(this.#files(small), INDEX_FILE);
    const weights = weightFiles(all, file, index);
    const wanted = [...small, ...weights];
    await bring(weights, sizeOf(tree, wanted));
    return this.#files(wanted);
  }

  async #bring(requests: HubRequests, name: string, tree: Tree, options: DownloadOptions): Promise<void> {
    const present = await this.#cache.names(this.commit);
    if (present.includes(name)) return;
    const blob = tree.get(name)!;
    const url = fileUrl(requests, this.#name.repository, this.commit, name);
    await downloadBlob(requests, this.#cache, url, blob, options);
    await kept(this.#cache, this.#cache.link(blob, this.commit, name));
  }

  #files(names: readonly string[]): ModelFiles {
    return {
      name: this.#name.repository,
      names,
      open: (name) => this.#cache.open(this.commit, name),
    };
  }
}

function sizeOf(tree: Tree, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + tree.get(name)!.size, 0);
}
