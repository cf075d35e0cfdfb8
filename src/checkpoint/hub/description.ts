/** What the hub says of a model, before anything large is fetched. */
import { openRepositoryCache } from '#platform';
import { parseJson } from '../checkpoint.js';
import type { HubModelOptions } from './model.js';
import { requireHubName } from './name.js';
import { hubSettings } from './options.js';
import { fileUrl, readInfo } from './repository.js';
import { HubRequests, PATIENT } from './requests.js';
import { checkPackaging, INDEX, smallFiles, weightFiles } from './selection.js';
import { fetchTree } from './tree.js';

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
  const { repository, file } = requireHubName(model);
  const settings = await hubSettings(hub);
  const requests = new HubRequests({ ...settings, onNotice, signal }, PATIENT);
  const cache = await openRepositoryCache(settings.cacheFolder, repository, onNotice);
  const { commit, licence } = await readInfo(requests, repository, settings.revision);
  const tree = await fetchTree(requests, cache, repository, commit);
  const names = [...tree.keys()];
  checkPackaging(names, repository, file);
  const read = async (name: string) =>
    names.includes(name)
      ? (await requests.fetch(fileUrl(requests, repository, commit, name))).text()
      : undefined;
  const index = file === undefined ? await read(INDEX) : undefined;
  const config = await read('config.json');
  const wanted = [...smallFiles(names, file), ...weightFiles(names, file, index)];
  return {
    licence,
    bytes: wanted.reduce((sum, name) => sum + tree.get(name)!.size, 0),
    config: config === undefined ? undefined : parseJson(config, `${repository}/config.json`),
  };
}
