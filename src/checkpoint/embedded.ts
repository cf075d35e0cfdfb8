/** The model that ships with the package. Its data is loaded only when it is asked for. */
import { ListwiseError } from '../error.js';
import type { ModelFiles } from './files.js';

/** Throws `checkpoint-not-found` where nothing can be imported any more. */
export async function embeddedFiles(): Promise<ModelFiles> {
  try {
    return (await import('./embedded-data.js')).embedded;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new ListwiseError('checkpoint-not-found', `The embedded model can't be imported here: ${why}`, {
      cause,
      hint: "Import it beforehand, as a service worker must, import { embedded } from 'listwise/embedded', and load it: Reranker.load(embedded).",
    });
  }
}
