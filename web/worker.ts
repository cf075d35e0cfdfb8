/** The reranker, in a thread of its own: the page stays free to draw and to listen. */
import { filesOfBlobs, ListwiseError, type LoadOptions, type ModelFiles, Reranker } from 'listwise';
import type { TraceSummary } from 'listwise/inside';
import { downloadModel } from './download.js';
import type {
  DeviceInUse,
  JobProgress,
  List,
  RankedIndex,
  RankingResult,
  Reply,
  Request,
  Setting,
} from './messages.js';
import { keyOf, type ModelChoice } from './models/choice.js';
import { repeatedPlaces } from './results/alike.js';

interface Loaded {
  readonly model: ModelChoice;
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
  const { job, type } = request;
  const reply = (message: Reply) => postMessage(message);
  const onProgress = (progress: JobProgress) => reply({ job, type: 'progress', progress });
  try {
    const { reranker, device } = await load(request, { signal, onProgress });
    if (type === 'prepare') return reply({ job, type: 'prepared', device });
    const running = { signal, onProgress };
    if (type === 'rank') {
      const onRanking = (documents: readonly RankedIndex[]) => reply({ job, type: 'ranking', documents });
      reply({ job, type: 'ranked', device, result: await rank(reranker, request, running, onRanking) });
    } else reply({ job, type: 'inspected', device, trace: await inspect(reranker, request, running) });
  } catch (error) {
    if (signal.aborted) return reply({ job, type: 'cancelled' });
    if (isGone(error) && loaded?.device.choice === request.choice) await unload();
    reply({ job, type: 'failed', ...explain(error) });
  }
}

/** A GPU that was lost and can't be opened anew, as browsers do after the second time: what is best is to be found again. */
function isGone(error: unknown): boolean {
  return error instanceof ListwiseError && error.code === 'device-unsupported';
}

/**
 * The reranker that is there, or another if it runs elsewhere or is of another model. It replaces the old one only when it
 * works, except where the old one is large: this machine may not hold both.
 */
async function load({ model, choice }: Setting, { signal, onProgress }: Job): Promise<Loaded> {
  if (loaded?.device.choice === choice && keyOf(loaded.model) === keyOf(model)) return loaded;
  if (model.kind === 'embedded') {
    await downloadModel(signal, (done, total) => onProgress({ phase: 'download', done, total }));
  }
  if (loaded && loaded.model.kind !== 'embedded') await unload();
  const notices: string[] = [];
  const reranker = await Reranker.load(sourceOf(model), {
    ...formOf(model),
    device: choice === 'automatic' ? undefined : choice,
    onNotice: (notice) => notices.push(notice),
    onProgress,
    signal,
  });
  await unload();
  loaded = { reranker, model, device: { choice, description: reranker.deviceDescription, notices } };
  return loaded;
}

async function unload(): Promise<void> {
  const { reranker } = loaded ?? {};
  loaded = undefined;
  await reranker?.dispose();
}

function sourceOf(model: ModelChoice): string | ModelFiles | undefined {
  switch (model.kind) {
    case 'embedded':
      return undefined;
    case 'hub':
      return model.name;
    case 'own':
      return filesOfBlobs(model.name, model.files);
  }
}

/** What a model of the hub has was downloaded before, by models/worker.ts. */
function formOf(model: ModelChoice): LoadOptions {
  if (model.kind === 'embedded') return {};
  if (model.kind === 'own') return { dtype: model.dtype };
  return { dtype: model.dtype, hub: { endpoint: model.endpoint, offline: true } };
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
