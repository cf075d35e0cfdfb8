/** Downloads one file of the hub, in parts. */
import { ListwiseError } from '../../error.js';
import type { HubBlob, RepositoryCache, Span } from '../../platform/repository-cache.js';
import { kept } from './kept.js';
import type { HubRequests } from './requests.js';

/** How a file is cut, and how many of its parts come at once: so much is held in memory. */
export interface Portions {
  readonly bytes: number;
  readonly atOnce: number;
}

export const PORTIONS: Portions = { bytes: 16 * 2 ** 20, atOnce: 4 };

export interface DownloadOptions {
  readonly portions: Portions;
  readonly signal: AbortSignal | undefined;
  /** Hears how many bytes of the file are there. */
  readonly onProgress: (bytes: number) => void;
}

/**
 * Brings a blob into the cache, unless it is there. Parts that came before a cut are not asked for again. A blob
 * that does not hash to its id is thrown away and fetched once more.
 * Throws `download-failed`, `checkpoint-corrupt`, `checkpoint-not-found`, `unauthorized`; rejects with the signal's
 * reason when aborted.
 */
export async function downloadBlob(
  requests: HubRequests,
  cache: RepositoryCache,
  url: string,
  blob: HubBlob,
  options: DownloadOptions,
): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    if (await cache.hasBlob(blob)) return;
    const spans = spansOf(blob.size, options.portions.bytes);
    await downloadParts(requests, cache, url, blob, spans, options);
    const whole = await unlessWhole(cache, blob, () => cache.join(blob, spans));
    await cache.discard(blob);
    if (whole) return;
  }
  throw new ListwiseError('checkpoint-corrupt', `${url} came with the wrong content, twice.`, {
    hint: `Its ${blob.algorithm === 'sha256' ? 'SHA-256' : 'git SHA-1'} is not ${blob.id}. Nothing of it was kept.`,
  });
}

/**
 * The parts are taken in random order and each is looked for once more before it is fetched: so processes that
 * load the same model at the same time share the work, without a word between them.
 */
async function downloadParts(
  requests: HubRequests,
  cache: RepositoryCache,
  url: string,
  blob: HubBlob,
  spans: readonly Span[],
  { portions, signal, onProgress }: DownloadOptions,
): Promise<void> {
  let done = 0;
  const report = (bytes: number) => {
    done += bytes;
    onProgress(done);
  };
  const missing: Span[] = [];
  for (const span of spans) {
    if (await cache.hasPart(blob, span)) done += span.end - span.start;
    else missing.push(span);
  }
  report(0);
  const waiting = shuffled(missing);
  const failure = new AbortController();
  const either = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  const work = async () => {
    for (let span = waiting.pop(); span; span = waiting.pop()) {
      either.throwIfAborted();
      if ((await cache.hasPart(blob, span)) || (await cache.hasBlob(blob))) {
        report(span.end - span.start);
        continue;
      }
      const bytes = await requests.fetchSpan(url, span, blob.size, { signal: either, onBytes: report });
      await unlessWhole(cache, blob, () => cache.putPart(blob, span, bytes));
    }
  };
  // The first that fails stops the others, and none works on when this returns.
  const workers = Array.from({ length: portions.atOnce }, () =>
    work().catch((error: unknown) => failure.abort(error)),
  );
  await Promise.all(workers);
  either.throwIfAborted();
}

/** Writes, unless another process has the blob whole meanwhile and has cleared its parts away: then returns true. */
async function unlessWhole<T>(
  cache: RepositoryCache,
  blob: HubBlob,
  write: () => Promise<T>,
): Promise<T | true> {
  try {
    return await kept(cache, write());
  } catch (error) {
    if (await cache.hasBlob(blob)) return true;
    throw error;
  }
}

function spansOf(size: number, portion: number): Span[] {
  return Array.from({ length: Math.ceil(size / portion) }, (_, i) => ({
    start: i * portion,
    end: Math.min((i + 1) * portion, size),
  }));
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
