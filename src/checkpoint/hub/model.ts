/** A model of the hub: found in the cache, or brought there. */
import { hubFetch, openRepositoryCache } from '#platform';
import { ListwiseError } from '../../error.js';
import type { RepositoryCache } from '../../platform/repository-cache.js';
import type { ModelFiles } from '../files.js';
import { isAddress, parseAddress } from './address.js';
import { PORTIONS, type Portions } from './download.js';
import { kept } from './kept.js';
import { licenceNotice } from './licence.js';
import { type HubName, noHubName, parseHubName } from './name.js';
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
 * Reads `owner/name`, `owner/name/file.gguf`, or the address of a page of the hub; anything else is no name on the hub.
 * Throws `invalid-input` for an address that is none of a model.
 */
export async function hubName(text: string, hub: HubOptions = {}): Promise<HubName | undefined> {
  return isAddress(text) ? parseAddress(text, (await hubSettings(hub)).endpoint) : parseHubName(text);
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
  const settings = await hubSettings(revisionOf(name, hub));
  const { revision, offline } = settings;
  const cache = await openRepositoryCache(settings.cacheFolder, name.repository, onNotice);
  const known = await cachedCommit(cache, revision);
  const cached = known && (await new Snapshot(cache, name, known).cached());
  if (cached && (offline || isCommit(revision))) return cached;
  if (offline) throw notCached(cache, name, settings);
  const requestOptions = { ...settings, fetch: await hubFetch(), onNotice, signal };
  const requestsWith = (patience: Patience) => new HubRequests(requestOptions, patience);
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

/** The same where nothing but a name or an address will do. Throws `invalid-input`. */
export async function requireHubName(text: string, hub?: HubOptions): Promise<HubName> {
  const name = await hubName(text, hub);
  if (name) return name;
  throw noHubName(text);
}

/**
 * Brings a model of the hub, `owner/name`, `owner/name/file.gguf` or its address, into the cache without loading it;
 * aborted, it goes on the next time from what came in. Throws as `hubFiles` does.
 */
export async function downloadModel(model: string, options: HubModelOptions = {}): Promise<ModelFiles> {
  return hubFiles(await requireHubName(model, options.hub), options);
}

/** The options with the revision that the name brings. */
export function revisionOf({ revision }: HubName, hub: HubOptions = {}): HubOptions {
  if (revision === undefined || revision === hub.revision) return hub;
  if (hub.revision === undefined) return { ...hub, revision };
  throw new ListwiseError(
    'invalid-input',
    `The model's address is of revision ${revision}, but ${hub.revision} is asked for.`,
  );
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
    { hint: 'Load it once without hub.offline, --offline, HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE.' },
  );
}
