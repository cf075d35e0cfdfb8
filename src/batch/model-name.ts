import { basename, resolve } from 'node:path';
import { hubName } from '../checkpoint/hub/model.js';

/**
 * What a model is called in answers and queues: its name on the hub, or its folder's or file's, wherever that lies.
 * Throws `invalid-input` for an address that is none of a model.
 */
export async function modelName(model: string | undefined): Promise<string> {
  if (model === undefined) return 'embedded';
  const { repository, file } = (await hubName(model)) ?? {};
  if (repository === undefined) return basename(resolve(model));
  return file === undefined ? repository : `${repository}/${file}`;
}
