/** What of a repository of the hub rests on this machine, alike in Node and in browsers. */
import type { ByteSource } from './byte-source.js';

/** A file's content, named by its hash: SHA-256, or for small files the SHA-1 that git gives them. */
export interface HubBlob {
  readonly id: string; // hexadecimal
  readonly algorithm: 'sha256' | 'sha1';
  readonly size: number; // bytes
}

/** The bytes from `start` up to `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * One repository in a cache. A blob comes in parts, which survive whatever cuts the download off, and is there once
 * they are joined and hash to its id. Several processes may fill one cache: a part and a blob appear whole or not
 * at all, and nobody waits for anybody.
 */
export interface RepositoryCache {
  /** For messages. */
  readonly place: string;
  /** Whether any snapshot was begun here. */
  isNew(): Promise<boolean>;
  /** A small file of the cache's own: `refs/main` holds a commit, `trees/<commit>.json` its list of files. */
  text(path: string): Promise<string | undefined>;
  setText(path: string, text: string): Promise<void>;
  /** The names of the files of a commit that are here and whole. */
  names(commit: string): Promise<string[]>;
  /** Opens a file of a commit. Throws `checkpoint-not-found`. */
  open(commit: string, name: string): Promise<ByteSource>;
  hasBlob(blob: HubBlob): Promise<boolean>;
  /** Makes a blob that is here a file of a commit. */
  link(blob: HubBlob, commit: string, name: string): Promise<void>;
  hasPart(blob: HubBlob, span: Span): Promise<boolean>;
  putPart(blob: HubBlob, span: Span, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Joins the parts `spans`, in order. Returns false, and makes no blob, when they don't hash to its id. */
  join(blob: HubBlob, spans: readonly Span[]): Promise<boolean>;
  /** Removes the parts of a blob that are there beside it, or that don't make it up. */
  discard(blob: HubBlob): Promise<void>;
}

/** What is hashed before a blob's bytes: git names a file by more than its content. */
export function hashedHeader({ algorithm, size }: HubBlob): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(algorithm === 'sha1' ? `blob ${size}\0` : '');
}

/** The folder of a repository, as every client of the hub names it. */
export function repositoryFolder(repository: string): string {
  return `models--${repository.replace('/', '--')}`;
}

/** The reverse; nothing for a folder of something else. */
export function repositoryOfFolder(folder: string): string | undefined {
  const [, owner, name] = /^models--(.+?)--(.+)$/.exec(folder) ?? [];
  return owner === undefined ? undefined : `${owner}/${name}`;
}

/** A repository of which something is in a cache, and how much. */
export interface CachedRepository {
  /** `owner/name` */
  readonly repository: string;
  /** Of its files, those that are not whole yet included. */
  readonly bytes: number;
}

/** What a user has set up for all programs that speak with the hub. */
export interface HubEnvironment {
  readonly endpoint?: string | undefined;
  readonly token?: string | undefined;
  readonly offline?: boolean | undefined;
  /** Where the cache is; browsers have one place only. */
  readonly cacheFolder: string;
}
