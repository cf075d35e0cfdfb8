/** Holds the model, and ranks the passages of a tab when the popup asks. */
import { Reranker } from 'listwise';
import { embedded } from 'listwise/embedded'; // statically, since a service worker may not import()
import type { Reply, Request } from './messages.js';
import { collectPassages } from './passages.js';

const SHOWN = 5;

/** Chrome ends a worker that is idle, so the model is loaded when it is first needed, once in the worker's life. */
let loading: Promise<Reranker> | undefined;

function loadReranker(): Promise<Reranker> {
  loading ??= Reranker.load(embedded);
  return loading;
}

/** Each request has a connection of its own: work stops when the popup closes it, and progress keeps the worker alive. */
chrome.runtime.onConnect.addListener((port) => {
  const closing = new AbortController();
  const { signal } = closing;
  const reply = (message: Reply) => {
    if (!signal.aborted) port.postMessage(message);
  };
  port.onDisconnect.addListener(() => closing.abort());
  port.onMessage.addListener((request: Request) => {
    answer(request, (progress) => reply({ progress }), signal)
      .catch((error: Error) => ({ problem: error.message }))
      .then(reply);
  });
});

async function answer(
  { tabId, query }: Request,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<Reply> {
  const passages = await passagesOf(tabId);
  if (!passages) return { problem: 'Chrome lets no extension read this page.' };
  if (passages.length === 0) return { problem: 'This page has no text to rank.' };

  const reranker = await loadReranker();
  const ranking = await reranker.rerank(query, passages, {
    topN: SHOWN,
    onProgress: ({ done, total }) => onProgress(done / total),
    signal,
  });
  return {
    results: ranking.map(({ index, relevanceScore, document }) => ({
      place: index,
      score: relevanceScore,
      text: document,
    })),
    passages: passages.length,
    device: reranker.deviceDescription,
  };
}

/** Nothing where scripts may not run: Chrome's own pages and its web store. */
async function passagesOf(tabId: number): Promise<string[] | undefined> {
  try {
    const [frame] = await chrome.scripting.executeScript({ target: { tabId }, func: collectPassages });
    return frame?.result;
  } catch {
    return undefined;
  }
}
