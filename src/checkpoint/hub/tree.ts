/** The files of a commit: asked of the hub once, then kept in the form in which Python's huggingface_hub keeps them. */
import { hubClient } from '#platform';
import type { HubBlob, RepositoryCache } from '../../platform/repository-cache.js';
import { kept } from './kept.js';
import { strangeAnswer, understood } from './repository.js';
import type { HubRequests } from './requests.js';

/** The contents of a commit's files by their paths. */
export type Tree = ReadonlyMap<string, HubBlob>;

const FORMAT = 1;

/** As the cache's file has it. */
interface TreeFile {
  readonly size: number;
  /** The SHA-1 of what git holds: the file, or a pointer to a large one. */
  readonly blob_id: string;
  readonly lfs_sha256?: string;
  readonly lfs_size?: number;
  readonly xet_hash?: string;
}

/** The tree in the cache, or nothing when there is none that can be understood. */
export async function cachedTree(cache: RepositoryCache, commit: string): Promise<Tree | undefined> {
  const text = await cache.text(pathOf(commit));
  if (text === undefined) return undefined;
  try {
    const { format_version: format, files } = JSON.parse(text);
    return format === FORMAT ? treeOf(files) : undefined;
  } catch {
    return undefined;
  }
}

/** Asks for the tree, and keeps it. Throws `download-failed`, `checkpoint-not-found`, `unauthorized`. */
export async function fetchTree(
  requests: HubRequests,
  cache: RepositoryCache,
  repository: string,
  commit: string,
): Promise<Tree> {
  const files = await understood(requests, listOf(requests, repository, commit));
  const tree = treeOf(files);
  if (!tree) throw strangeAnswer(requests, `a file of ${repository} has no size or hash`);
  const text = JSON.stringify({ format_version: FORMAT, files }, undefined, 1);
  await kept(cache, cache.setText(pathOf(commit), text));
  return tree;
}

async function listOf(
  { endpoint: hubUrl, fetch }: HubRequests,
  name: string,
  revision: string,
): Promise<Record<string, TreeFile>> {
  const { listFiles } = await hubClient();
  const files: [string, TreeFile][] = [];
  const repo = { type: 'model', name } as const;
  for await (const entry of listFiles({ repo, revision, recursive: true, hubUrl, fetch })) {
    if (entry.type !== 'file') continue;
    const { path, size, oid = '', lfs, xetHash } = entry;
    const file = {
      ...{ size, blob_id: oid },
      ...(lfs && { lfs_sha256: lfs.oid, lfs_size: lfs.size }),
      ...(xetHash !== undefined && { xet_hash: xetHash }),
    };
    files.push([path, file]);
  }
  return Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Nothing when a file's hash or size is none: an id becomes the name of a file. */
function treeOf(files: Readonly<Record<string, TreeFile>>): Tree | undefined {
  const tree = new Map(Object.entries(files).map(([path, file]) => [path, blobOf(file)]));
  return [...tree.values()].every(isBlob) ? tree : undefined;
}

function blobOf({ size, blob_id, lfs_sha256, lfs_size }: TreeFile): HubBlob {
  return lfs_sha256 === undefined
    ? { id: blob_id, algorithm: 'sha1', size }
    : { id: lfs_sha256, algorithm: 'sha256', size: lfs_size ?? size };
}

function isBlob({ id, algorithm, size }: HubBlob): boolean {
  const digits = algorithm === 'sha256' ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/;
  return digits.test(id) && Number.isSafeInteger(size) && size >= 0;
}

function pathOf(commit: string): string {
  return `trees/${commit}.json`;
}
