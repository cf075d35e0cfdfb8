/**
 * Starts a worker that obeys the page's content policy. One that is loaded by its address obeys the headers it comes with
 * instead, and a plain file server sends none.
 */
export function startWorker(file: string, name: string): Worker {
  const script = `import ${JSON.stringify(new URL(file, import.meta.url).href)};`;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  return new Worker(url, { type: 'module', name });
}
