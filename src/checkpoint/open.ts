import { ListwiseError } from '../error.js';
import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { openEmbedded } from './embedded.js';

/** A folder's checkpoint, the one given, or the embedded one. */
export async function openModel(model: string | Checkpoint | undefined): Promise<Checkpoint> {
  if (typeof model === 'string') return openCheckpoint(model);
  if (model === undefined) return openEmbedded();
  if (typeof model === 'object' && model?.tensors) return model;
  throw new ListwiseError('invalid-input', 'The model is neither the path of a folder nor a checkpoint.');
}
