/** The reranker, in a thread of its own: the page stays free to draw and to listen. */
import { ListwiseError, Reranker } from 'listwise';
import type { TraceSummary } from 'listwise/inside';
import { downloadModel } from './download.js';
import type {
  DeviceChoice,
  DeviceInUse,
  JobProgress,
  List,
  RankedIndex,
  RankingResult,
  Reply,
  Request,
} from './messages.js';
import { repeatedPlaces } from './results/alike.js';

interface Loaded {
  readonly reranker: Reranker;
  readonly device: DeviceInUse;
}

/** What a job reports to and obeys. */
interface Job {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
}

/** How many of the best documents are read word by word. */
const EXPLAINED = 3;

/** In how many orders a list is ranked that is looked into. */
const ORDERS = 8;

let loaded: Loaded | undefined;
let running = new AbortController();
let lastJob: Promise<void> = Promise.resolve();

addEventListener('message', ({ data: request }: MessageEvent<Request>) => {
  running.abort();
  if (request.type === 'cancel') return;
  running = new AbortController();
  const { signal } = running;
  lastJob = lastJob.then(() => run(request, signal));
});

async function run(request: Exclude<Request, { type: 'cancel' }>, signal: AbortSignal): Promise<void> {
  const { job, type, choice } = request;
  const reply = (message: Reply) => postMessage(message);
  const onProgress = (progress: JobProgress) => reply({ job, type: 'progress', progress });
  try {
    const { reranker, device } = await load(choice, { signal, onProgress });
    if (type === 'prepare') return reply({ job, type: 'prepared', device });
    const running = { signal, onProgress };
    if (type === 'rank') {
      const onRanking = (documents: readonly RankedIndex[]) => reply({ job, type: 'ranking', documents });
      reply({ job, type: 'ranked', device, result: await rank(reranker, request, running, onRanking) });
    } else reply({ job, type: 'inspected', device, trace: await inspect(reranker, request, running) });
  } catch (error) {
    if (signal.aborted) return reply({ job, type: 'cancelled' });
    reply({ job, type: 'failed', ...explain(error) });
  }
}

/** The reranker that is there, or another if it runs elsewhere. It replaces the old one only when it works. */
async function load(choice: DeviceChoice, { signal, onProgress }: Job): Promise<Loaded> {
  if (loaded?.device.choice === choice) return loaded;
  await downloadModel(signal, (done, total) => onProgress({ phase: 'download', done, total }));
  const notices: string[] = [];
  const reranker = await Reranker.load(undefined, {
    device: choice === 'automatic' ? undefined : choice,
    onNotice: (notice) => notices.push(notice),
    onProgress,
    signal,
  });
  await loaded?.reranker.dispose();
  loaded = { reranker, device: { choice, description: reranker.deviceDescription, notices } };
  return loaded;
}

async function rank(
  reranker: Reranker,
  { query, documents }: List,
  job: Job,
  onRanking: (soFar: readonly RankedIndex[]) => void,
): Promise<RankingResult> {
  const embeds = reranker.scale === 'cosine'; // what answers with a probability has none
  const start = performance.now();
  const ranking = await reranker.rerank(query, documents, {
    ...job,
    returnEmbeddings: embeds,
    onRanking: (soFar) =>
      onRanking(
        soFar.map(({ index, relevanceScore }) => ({ index, score: relevanceScore, repeats: undefined })),
      ),
  });
  const seconds = (performance.now() - start) / 1000;
  const repeated = embeds ? repeatedPlaces(ranking.map(({ embedding }) => embedding!)) : [];
  return {
    documents: ranking.map(({ index, relevanceScore }, place) => ({
      index,
      score: relevanceScore,
      repeats: repeated[place],
    })),
    tokens: ranking.tokens,
    cachedTokens: ranking.cachedTokens,
    seconds,
  };
}

async function inspect(reranker: Reranker, { query, documents }: List, job: Job): Promise<TraceSummary> {
  const ranking = await reranker.rerank(query, documents, { signal: job.signal, topN: EXPLAINED });
  const best = ranking.map(({ index }) => index);
  const trace = await reranker.inspect(query, documents, {
    blocks: true,
    lens: true,
    leaveOut: true,
    mask: { by: 'word', documents: best },
    orders: ORDERS,
    ...job,
  });
  return trace.toJSON();
}

function explain(error: unknown): { message: string; hint: string | undefined } {
  if (error instanceof ListwiseError) return { message: error.message, hint: error.hint };
  return {
    message: error instanceof Error ? error.message : String(error),
    hint: 'Reload the page to try again.',
  };
}
