import { exists } from '#platform';
import { ListwiseError } from '../error.js';
import { type Checkpoint, openCheckpoint, readCheckpoint } from './checkpoint.js';
import { openEmbedded } from './embedded.js';
import { type HubModelOptions, hubFiles } from './hub/model.js';
import { parseHubName } from './hub/name.js';

/**
 * The checkpoint of a folder or .gguf file, of a name on the hub, the one given, or the embedded one. What is here goes before
 * what is on the hub. Throws `checkpoint-…`, and what `hubFiles` throws.
 */
export async function openModel(
  model: string | Checkpoint | undefined,
  options: HubModelOptions = {},
): Promise<Checkpoint> {
  if (typeof model === 'string') {
    const name = parseHubName(model);
    if (!name || (await exists(model))) return openCheckpoint(model);
    return readCheckpoint(await hubFiles(name, options), name.file);
  }
  if (model === undefined) return openEmbedded();
  if (typeof model === 'object' && model?.tensors) return model;
  throw new ListwiseError(
    'invalid-input',
    'The model is neither the path of a folder, nor a name on the hub, nor a checkpoint.',
  );
}
