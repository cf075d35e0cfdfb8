/** Asks the hub and keeps what comes, in a thread of its own: the page goes on ranking meanwhile. */
import { cachedModels, describeModel, downloadModel, ListwiseError, removeCachedModel } from 'listwise';
import type { DownloadState, HubAddress, ModelRequest, TaskReport } from './messages.js';

/** A bar need not move more often. */
const PROGRESS_PAUSE = 100; // milliseconds

/** What a task reports to and obeys. */
interface Context {
  readonly signal: AbortSignal;
  readonly reply: (report: TaskReport) => void;
}

const running = new Map<number, AbortController>();

addEventListener('message', ({ data: request }: MessageEvent<ModelRequest>) => {
  if ('abort' in request) running.get(request.id)?.abort();
  else void answer(request);
});

async function answer(request: Exclude<ModelRequest, { abort: true }>): Promise<void> {
  const { id } = request;
  const controller = new AbortController();
  running.set(id, controller);
  const { signal } = controller;
  const reply = (message: object) => postMessage({ id, ...message });
  try {
    reply({ type: 'done', value: await perform(request, { signal, reply }) });
  } catch (error) {
    reply(signal.aborted ? { type: 'aborted' } : { type: 'failed', ...explain(error) });
  } finally {
    running.delete(id);
  }
}

async function perform(request: Exclude<ModelRequest, { abort: true }>, context: Context) {
  switch (request.task) {
    case 'describe': {
      const { name, endpoint } = request.input;
      return describeModel(name, { hub: { endpoint }, signal: context.signal });
    }
    case 'isWhole':
      return isWhole(request.input);
    case 'download':
      return download(request.input, context);
    case 'list':
      return cachedModels();
    case 'remove':
      return remove(request.input.repository);
  }
}

async function isWhole({ name, endpoint }: HubAddress): Promise<boolean> {
  try {
    await downloadModel(name, { hub: { endpoint, offline: true } });
    return true;
  } catch (error) {
    if (error instanceof ListwiseError && error.code === 'checkpoint-not-found') return false;
    throw error;
  }
}

/** One tab downloads; the others wait for it, and then find everything here, or go on where it was ended. */
async function download({ name, endpoint }: HubAddress, { signal, reply }: Context): Promise<undefined> {
  const report = atTimes((progress: DownloadState) => reply({ type: 'progress', progress }));
  const bring = async () => {
    await downloadModel(name, {
      hub: { endpoint },
      signal,
      onNotice: (notice) => reply({ type: 'notice', notice }),
      onProgress: ({ done, total }) => report({ done, total }),
    });
  };
  const lock = lockOf(name);
  const isFree = await navigator.locks.request(lock, { ifAvailable: true }, async (held) => {
    if (held) await bring();
    return held !== null;
  });
  if (isFree) return;
  reply({ type: 'waiting' });
  await navigator.locks.request(lock, { signal }, bring);
}

/** Passes on the latest value, at most one in a while: bytes come in much faster than anybody reads. */
function atTimes<T>(tell: (value: T) => void): (value: T) => void {
  let latest: { value: T } | undefined;
  return (value) => {
    const isPending = latest !== undefined;
    latest = { value };
    if (isPending) return;
    setTimeout(() => {
      tell(latest!.value);
      latest = undefined;
    }, PROGRESS_PAUSE);
  };
}

async function remove(repository: string): Promise<undefined> {
  await navigator.locks.request(lockOf(repository), { ifAvailable: true }, async (held) => {
    if (!held) throw new Error(`${repository} is being downloaded. Pause that first.`);
    await removeCachedModel(repository);
  });
}

/** Files of one repository share their parts. */
function lockOf(name: string): string {
  return `listwise ${name.split('/').slice(0, 2).join('/')}`;
}

function explain(error: unknown): { message: string; hint: string | undefined } {
  if (!(error instanceof ListwiseError)) {
    return { message: error instanceof Error ? error.message : String(error), hint: undefined };
  }
  const { message, hint, cause } = error;
  if (cause instanceof DOMException && cause.name === 'QuotaExceededError') {
    return {
      message: 'The browser has no more room for this page.',
      hint: 'What came in is kept. Remove a model that you no longer need, or make room on the disk, and go on.',
    };
  }
  return { message, hint };
}
