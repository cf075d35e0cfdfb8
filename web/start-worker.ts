/**
 * Starts a worker that obeys the page's content policy. One that is loaded by its address obeys the headers it comes with
 * instead, and a plain file server sends none.
 */
export function startWorker(file: string, name: string): Worker {
  const script = `(${load})(${JSON.stringify(new URL(file, import.meta.url).href)});`;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  return new Worker(url, { type: 'module', name });
}

/**
 * Runs in the worker. Without network Firefox asks the service worker for what is imported this way, but not for the
 * imports that stand at the top of a script. Messages that come before the file is there are told again.
 */
async function load(address: string): Promise<void> {
  const early: unknown[] = [];
  const keep = ({ data }: MessageEvent) => early.push(data);
  addEventListener('message', keep);
  try {
    await import(address);
  } catch (error) {
    return reportError(error);
  }
  removeEventListener('message', keep);
  for (const data of early) dispatchEvent(new MessageEvent('message', { data }));
}
