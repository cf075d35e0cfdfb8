/** Fetches the embedded model's module ahead of its import, since an import can't say how far it has come. */

const MODEL = new URL('embedded-data.js', import.meta.url);

let downloaded = false;

/**
 * Leaves the module in the browser's cache, where the import then finds it; a private window may have too small a
 * cache, and gets it twice. Does nothing the second time.
 */
export async function downloadModel(
  signal: AbortSignal,
  onProgress: (bytes: number, total: number) => void,
): Promise<void> {
  if (downloaded) return;
  const response = await fetch(MODEL, { signal }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new Error('The model could not be downloaded: the server does not answer.', { cause });
  });
  if (!response.ok || !response.body) {
    throw new Error(`The model could not be downloaded: the server answered ${response.status}.`);
  }
  const total = Number(response.headers.get('Content-Length'));
  let bytes = 0;
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.length;
    onProgress(bytes, Math.max(total, bytes));
  }
  downloaded = true;
}
