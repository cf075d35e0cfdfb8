/** What the hub says of a model, before anything large is fetched. */
import { hubFetch, openRepositoryCache } from '#platform';
import { parseJson } from '../json.js';
import { INDEX_FILE } from '../packaging.js';
import { type HubModelOptions, requireHubName, revisionOf } from './model.js';
import { hubSettings } from './options.js';
import { fileUrl, readInfo } from './repository.js';
import { HubRequests, PATIENT } from './requests.js';
import { checkPackaging, onlyGguf, smallFiles, weightFiles } from './selection.js';
import { fetchTree } from './tree.js';

/** A model of the hub as it is before a download. */
export interface HubModelDescription {
  /** As the model's card names it, such as `cc-by-nc-4.0`. */
  readonly licence: string | undefined;
  /** Of all files that a load downloads. */
  readonly bytes: number;
  /** Its config.json, where it has one: `modelBytes` tells by it what the model takes on a device. */
  readonly config: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Asks the hub for a model, `owner/name` or `owner/name/file.gguf`. Throws `invalid-input`, `download-failed`,
 * `checkpoint-not-found`, `checkpoint-corrupt`, `unauthorized`; rejects with the signal's reason when aborted.
 */
export async function describeModel(
  model: string,
  { hub, onNotice = () => {}, signal }: Omit<HubModelOptions, 'onProgress'> = {},
): Promise<HubModelDescription> {
  const asked = await requireHubName(model, hub);
  const { repository } = asked;
  const settings = await hubSettings(revisionOf(asked, hub));
  const requests = new HubRequests({ ...settings, fetch: await hubFetch(), onNotice, signal }, PATIENT);
  const cache = await openRepositoryCache(settings.cacheFolder, repository, onNotice);
  const { commit, licence } = await readInfo(requests, repository, settings.revision);
  const tree = await fetchTree(requests, cache, repository, commit);
  const names = [...tree.keys()];
  checkPackaging(names, repository, asked.file);
  const file = asked.file ?? onlyGguf(names);
  const read = async (name: string) =>
    names.includes(name)
      ? (await requests.fetch(fileUrl(requests, repository, commit, name))).text()
      : undefined;
  const small = smallFiles(names, file);
  const index = small.includes(INDEX_FILE) ? await read(INDEX_FILE) : undefined;
  const config = await read('config.json');
  const wanted = [...small, ...weightFiles(names, file, index)];
  return {
    licence,
    bytes: wanted.reduce((sum, name) => sum + tree.get(name)!.size, 0),
    config: config === undefined ? undefined : parseJson(config, `${repository}/config.json`),
  };
}
