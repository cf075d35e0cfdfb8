import { basename, resolve } from 'node:path';
import { parseHubName } from '../checkpoint/hub/name.js';

/** What a model is called in answers and queues: its name on the hub, or its folder's or file's, wherever that lies. */
export function modelName(model: string | undefined): string {
  if (model === undefined) return 'embedded';
  return parseHubName(model) ? model : basename(resolve(model));
}
