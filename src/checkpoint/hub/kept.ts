/** What is written to the cache. */
import { ListwiseError } from '../../error.js';
import type { RepositoryCache } from '../../platform/repository-cache.js';

/** Waits for something to be written, and says where it could not be. Throws `download-failed`. */
export async function kept<T>(cache: RepositoryCache, writing: Promise<T>): Promise<T> {
  return writing.catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : cause;
    throw new ListwiseError('download-failed', `Nothing can be kept in ${cache.place}: ${why}`, {
      cause,
      hint: 'Make room there, or choose another folder: HF_HOME, or hub.cacheFolder.',
    });
  });
}
