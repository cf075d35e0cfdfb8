/** Looks into a prompt: runs what was planned and gives a trace. */
import type { Observer } from '../model/observer.js';
import type { RunOptions } from '../model/run.js';
import type { Engine } from '../reranker/engine.js';
import { runIds } from '../reranker/prompt.js';
import { AttentionRecorder, BlockMatrix, BlockRecorder } from './attention.js';
import { type CheckedEdit, Editor, withMean } from './edits.js';
import { checkInspection, type InspectHost, type Inspection } from './inspection.js';
import type { Experiment } from './moved.js';
import type { InspectionPlan, InspectOptions } from './options.js';
import { Observers, type State, StateRecorder } from './states.js';
import { Trace } from './trace.js';
import type { HiddenState } from './trace-contents.js';
import type { ScoresOf } from './variants.js';

export async function inspect(
  host: InspectHost,
  query: string,
  documents: readonly string[],
  options: InspectOptions,
): Promise<Trace> {
  const inspection = checkInspection(host, query, documents, options);
  const { signal } = inspection.request;
  signal?.throwIfAborted();
  return host.run((engine) => look(engine, host, inspection), signal);
}

export function planInspection(
  host: InspectHost,
  query: string,
  documents: readonly string[],
  options: InspectOptions,
): InspectionPlan {
  return checkInspection(host, query, documents, options).plan;
}

async function look(engine: Engine, host: InspectHost, inspection: Inspection): Promise<Trace> {
  const { request, prompt, documents, config, tokens, blocks, leftOut, masked, orders } = inspection;
  const { model, dtype, protocol } = host;
  const scoresOf = (read: readonly Float32Array[]) => protocol.scores([read]);
  const progress = new Counter(inspection);
  const edits = await measureMeans(engine, inspection, progress);
  const { scores, ...seen } = await watch(engine, { ...inspection, edits }, progress, scoresOf);
  const onTokens = (count: number) => progress.add(count);
  const options = { signal: request.signal, onTokens, scoresOf };
  const make = async <T>(experiment: Experiment<T> | undefined) => experiment?.run(engine, options);
  const [withoutEach, withoutSpans] = [await make(leftOut), await make(masked)];
  return new Trace({
    model,
    dtype,
    device: engine.device.kind,
    query: request.query,
    documents,
    layers: config.layers,
    heads: config.heads,
    tokens,
    documentPositions: prompt.documentPositions,
    queryPosition: prompt.queryPosition,
    scores,
    ...seen,
    blocks: blocks && { names: blocks.of.names, attention: seen.blocks },
    leftOut: withoutEach,
    masked: withoutSpans?.(scores),
    orders: await make(orders),
  });
}

/** Runs the prompt without edits, if the means of some rows are to be measured. */
async function measureMeans(
  engine: Engine,
  inspection: Inspection,
  progress: Counter,
): Promise<CheckedEdit[]> {
  const { edits, prompt, wanted, config } = inspection;
  const recorders = new Map(
    edits
      .filter(({ values }) => values === undefined)
      .map((edit) => [edit, new StateRecorder(engine.device, config, edit.place, edit.layer, edit.rows)]),
  );
  if (recorders.size > 0) {
    const observer = new Observers([...recorders.values()]);
    await engine.watch({ ids: runIds(prompt), positions: wanted }, progress.run(inspection, observer));
  }
  return edits.map((edit) => {
    const recorder = recorders.get(edit);
    return recorder ? withMean(edit, recorder.state) : edit;
  });
}

/** Runs the prompt once, edited and watched. */
async function watch(engine: Engine, inspection: Inspection, progress: Counter, scoresOf: ScoresOf) {
  const { config, prompt, tokens, markers, wanted, edits, hidden, attention, blocks, lens } = inspection;
  const { device } = engine;
  const states = hidden.map(
    ({ place, layer, rows }) => new StateRecorder(device, config, place, layer, rows),
  );
  const earlier = lens ? config.windows.slice(0, -1).keys() : [];
  const streams = Array.from(earlier, (layer) => new StateRecorder(device, config, 'mlp', layer, markers));
  const weights = attention.map((each) => new AttentionRecorder(device, config, each, tokens.length));
  const matrix = blocks && (await BlockMatrix.make(device, blocks.of.names.length, blocks.of.of));
  try {
    const sums = (blocks?.attention ?? []).map((each) => new BlockRecorder(device, config, each, matrix!));
    const observer = new Observers([
      ...edits.map((edit) => new Editor(device, config, edit)),
      ...[...states, ...streams, ...weights, ...sums],
    ]);
    const options = progress.run(inspection, observer);
    const embeddings = await engine.watch({ ids: runIds(prompt), positions: wanted }, options);
    const scores = Float32Array.from(scoresOf(markers.map((marker) => embeddings[wanted.indexOf(marker)]!)));
    return {
      scores,
      hidden: await hiddenStates(
        engine,
        states.map(({ state }) => state),
        inspection,
      ),
      attention: weights.map((recorder) => recorder.weights),
      blocks: sums.map((recorder) => recorder.weights),
      lens: lens
        ? Float32Array.from([...(await scoresAfter(engine, streams, scoresOf)), ...scores])
        : undefined,
    };
  } finally {
    matrix?.free();
  }
}

async function hiddenStates(
  engine: Engine,
  states: readonly State[],
  { hidden }: Inspection,
): Promise<HiddenState[]> {
  const finished: HiddenState[] = [];
  for (const [i, state] of states.entries()) {
    const { normed } = hidden[i]!;
    finished.push({ ...state, normed, values: normed ? await engine.normalise(state.values) : state.values });
  }
  return finished;
}

/** The scores if the model ended with each of these recorded layers: [layers, documents]. */
async function scoresAfter(
  engine: Engine,
  streams: readonly StateRecorder[],
  scoresOf: ScoresOf,
): Promise<number[]> {
  const scores: number[] = [];
  for (const { state } of streams) scores.push(...scoresOf(await engine.finish(state.values)));
  return scores;
}

/** Progress of all runs as one, in tokens. */
class Counter {
  readonly #total: number;
  readonly #onProgress: Inspection['request']['onProgress'];
  #done = 0;

  constructor({ plan, request }: Inspection) {
    this.#total = plan.runTokens;
    this.#onProgress = request.onProgress;
  }

  add(tokens: number): void {
    this.#done += tokens;
    this.#tell(this.#done);
  }

  /** For a run of the whole prompt. */
  run({ plan, request }: Inspection, observer: Observer): RunOptions {
    const before = this.#done;
    this.#done += plan.tokens;
    return {
      signal: request.signal,
      observer,
      onProgress: (steps, all) => this.#tell(before + Math.round((steps / all) * plan.tokens)),
    };
  }

  #tell(done: number): void {
    this.#onProgress?.({ phase: 'rerank', done: Math.min(done, this.#total), total: this.#total });
  }
}
