import { exists } from '#platform';
import { ListwiseError } from '../error.js';
import { type Checkpoint, openCheckpoint, readCheckpoint } from './checkpoint.js';
import { embeddedFiles } from './embedded.js';
import type { ModelFiles } from './files.js';
import { type HubModelOptions, hubFiles, hubName } from './hub/model.js';

/**
 * The checkpoint of a folder or .gguf file, of a name or an address on the hub, of files, the one given, or the embedded one. What is
 * here goes before what is on the hub. Throws `checkpoint-…`, and what `hubFiles` throws.
 */
export async function openModel(
  model?: string | ModelFiles | Checkpoint,
  options: HubModelOptions = {},
): Promise<Checkpoint> {
  if (typeof model === 'string') {
    const name = await hubName(model, options.hub);
    if (!name || (await exists(model))) return openCheckpoint(model);
    return readCheckpoint(await hubFiles(name, options), name.file);
  }
  if (model === undefined) return openFiles(await embeddedFiles());
  if (typeof model === 'object' && model !== null) {
    if ('tensors' in model) return model;
    if ('names' in model) return openFiles(model);
  }
  throw new ListwiseError(
    'invalid-input',
    'The model is neither the path of a folder, nor a name on the hub, nor files, nor a checkpoint.',
  );
}

async function openFiles(files: ModelFiles): Promise<Checkpoint> {
  return { ...(await readCheckpoint(files)), name: files.name };
}
