/** Has the browser keep the page itself, so that it opens without network. Models are kept anyway. */

/** Where no service worker may run, as in some private windows, the page needs its server; that is all. */
export async function keepPage(): Promise<void> {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  await serviceWorker?.register(new URL('service-worker.js', import.meta.url)).catch(() => {});
}
