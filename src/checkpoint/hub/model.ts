/** A model of the hub: found in the cache, or brought there. */
import { openRepositoryCache } from '#platform';
import { ListwiseError } from '../../error.js';
import type { RepositoryCache } from '../../platform/repository-cache.js';
import type { ModelFiles } from '../files.js';
import { PORTIONS, type Portions } from './download.js';
import { kept } from './kept.js';
import { licenceNotice } from './licence.js';
import { type HubName, requireHubName } from './name.js';
import { type HubOptions, type HubSettings, hubSettings } from './options.js';
import { isCommit, type RepositoryInfo, readInfo } from './repository.js';
import { HubRequests, IMPATIENT, PATIENT, type Patience } from './requests.js';
import { type DownloadProgress, Snapshot } from './snapshot.js';

export interface HubModelOptions {
  readonly hub?: HubOptions | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly onNotice?: ((notice: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a download goes about it; tests are in a hurry and their files are small. */
export interface Manner {
  readonly patience: Patience;
  readonly portions: Portions;
}

/**
 * The files of a model of the hub. What the cache has of a commit is not asked for again; a branch is looked up
 * each time, and where that fails the cache serves as it is.
 * Throws `invalid-input`, `download-failed`, `checkpoint-not-found`, `checkpoint-corrupt`, `unauthorized`; rejects
 * with the signal's reason when aborted.
 */
export async function hubFiles(
  name: HubName,
  { hub, onProgress = () => {}, onNotice = () => {}, signal }: HubModelOptions = {},
  { patience, portions }: Manner = { patience: PATIENT, portions: PORTIONS },
): Promise<ModelFiles> {
  const settings = await hubSettings(hub);
  const { revision, offline } = settings;
  const cache = await openRepositoryCache(settings.cacheFolder, name.repository, onNotice);
  const known = await cachedCommit(cache, revision);
  const cached = known && (await new Snapshot(cache, name, known).cached());
  if (cached && (offline || isCommit(revision))) return cached;
  if (offline) throw notCached(cache, name, settings);
  const requestsWith = (patience: Patience) => new HubRequests({ ...settings, onNotice, signal }, patience);
  let info: RepositoryInfo;
  try {
    info = await readInfo(requestsWith(cached ? IMPATIENT : patience), name.repository, revision);
  } catch (error) {
    if (!cached || !canDoWithout(error)) throw error;
    onNotice(`${error.message} The cache serves: ${name.repository} as of its commit ${known.slice(0, 7)}.`);
    return cached;
  }
  const { commit, licence } = info;
  if (cached && commit === known) return cached;
  if (licence !== undefined && (await cache.isNew())) onNotice(licenceNotice(name.repository, licence));
  const snapshot = new Snapshot(cache, name, commit);
  const files = await snapshot.download(requestsWith(patience), { portions, signal, onProgress });
  // Not before all is here, so that the commit before serves until then.
  if (commit !== known) await kept(cache, cache.setText(`refs/${revision}`, commit));
  return files;
}

/**
 * Brings a model of the hub, `owner/name` or `owner/name/file.gguf`, into the cache without loading it; aborted, it goes
 * on the next time from what came in. Throws as `hubFiles` does.
 */
export async function downloadModel(name: string, options: HubModelOptions = {}): Promise<ModelFiles> {
  return hubFiles(requireHubName(name), options);
}

/** The commit that a revision was when it was last looked up. */
async function cachedCommit(cache: RepositoryCache, revision: string): Promise<string | undefined> {
  if (isCommit(revision)) return revision;
  const commit = (await cache.text(`refs/${revision}`))?.trim();
  return commit !== undefined && isCommit(commit) ? commit : undefined;
}

/** As in Python: who can't ask, or may not any more, keeps what was downloaded before. */
function canDoWithout(error: unknown): error is ListwiseError {
  return error instanceof ListwiseError && ['download-failed', 'unauthorized'].includes(error.code);
}

function notCached(
  cache: RepositoryCache,
  { repository, file }: HubName,
  { revision }: HubSettings,
): ListwiseError {
  const what = file === undefined ? repository : `${file} of ${repository}`;
  return new ListwiseError(
    'checkpoint-not-found',
    `${what}, revision ${revision}, is not whole in ${cache.place}, and the hub may not be asked: offline mode.`,
    { hint: 'Load it once without hub.offline, --offline and HF_HUB_OFFLINE.' },
  );
}
