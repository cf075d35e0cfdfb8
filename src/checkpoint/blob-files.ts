import { BlobSource } from '../platform/blob-source.js';
import type { ModelFiles } from './files.js';

const CHANGED = 'Choose the model again: its files have changed, or lie on a disk that is gone.';

/** A model whose files a visitor of a page chose on their own disk, by their names: read by range, never as a whole. */
export function filesOfBlobs(name: string, blobs: ReadonlyMap<string, Blob>): ModelFiles {
  return {
    name,
    names: [...blobs.keys()],
    open: async (file) => new BlobSource(`${name}/${file}`, blobs.get(file)!, CHANGED),
  };
}
