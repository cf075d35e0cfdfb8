/** What of the hub's models is on this machine. */
import { listRepositories, removeRepository } from '#platform';
import type { CachedRepository } from '../../platform/repository-cache.js';
import { requireHubName } from './model.js';
import { type HubOptions, hubSettings } from './options.js';

/** The repositories of which something is in the cache, downloads that were cut included. Throws `invalid-input`. */
export async function cachedModels(hub?: HubOptions): Promise<CachedRepository[]> {
  const { cacheFolder } = await hubSettings(hub);
  return listRepositories(cacheFolder);
}

/** Removes all of a repository, `owner/name`, from the cache; not while it is downloaded. Throws `invalid-input`. */
export async function removeCachedModel(repository: string, hub?: HubOptions): Promise<void> {
  const { cacheFolder } = await hubSettings(hub);
  const name = await requireHubName(repository, hub);
  await removeRepository(cacheFolder, name.repository);
}
