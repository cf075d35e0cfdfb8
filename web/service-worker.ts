/** Keeps the page itself for when there is no network. Models are kept elsewhere, by the package: see models/. */

/** Written by build.mjs: the files of the page, and a hash of their contents. */
declare const FILES: readonly string[];
declare const VERSION: string;

/** What a service worker's events have; the compiler knows those of pages only. */
interface ExtendableEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Scope {
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}

/** Other caches of this origin, such as the package's own, are none of its business. */
const PREFIX = 'page-';

/** Without these headers browsers have no shared memory, and not every web host can be told to send them. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const scope = globalThis as unknown as Scope;

scope.addEventListener('install', (event) => {
  event.waitUntil(install());
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(activate());
});

scope.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  if (method === 'GET' && url.startsWith(location.origin)) event.respondWith(answer(event.request));
});

/** All files or none, so that no page is put together from two versions. */
async function install(): Promise<void> {
  const cache = await caches.open(PREFIX + VERSION);
  await cache.addAll(FILES);
  await scope.skipWaiting();
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== PREFIX + VERSION) await caches.delete(name);
  }
  await scope.clients.claim();
}

/** The network goes first, so that a newer page is seen at once; what was kept serves where there is none. */
async function answer(request: Request): Promise<Response> {
  try {
    return isolated(await fetch(request));
  } catch (error) {
    const cache = await caches.open(PREFIX + VERSION);
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return isolated(kept);
    throw error;
  }
}

function isolated(response: Response): Response {
  if (response.status !== 200) return response;
  const { body, status, statusText } = response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
  return new Response(body, { status, statusText, headers });
}
