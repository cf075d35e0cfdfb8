/** How far a device is from PyTorch, case by case: what the golden tests assert and the accuracy table prints. */
import type { TensorStore } from '../src/checkpoint/tensors.js';
import type { Device } from '../src/device/device.js';
import type { WeightDtype } from '../src/device/dtype.js';
import { Observers, StateRecorder } from '../src/inspect/states.js';
import { parseConfig } from '../src/model/config.js';
import { KvCache } from '../src/model/kv-cache.js';
import { Projector } from '../src/model/projector.js';
import { Qwen3 } from '../src/model/qwen3.js';
import type { Reranker } from '../src/reranker/reranker.js';
import { scoresOf } from '../src/reranker/scores.js';
import { SyntheticStore } from './synthetic.js';
import { goldenJson, goldenTensors, largestDifference, relativeError } from './values.js';

type Json = Readonly<Record<string, unknown>>;

/** One compared tensor. Scores are compared by their largest difference, everything else by relative L2. */
export interface Measured {
  readonly what: string;
  readonly error: number;
}

export interface TinyCase {
  readonly name: string;
  readonly config: Json;
  readonly ids: readonly number[];
  /** Tokens that go through first, into a cache. */
  readonly prefix: number;
}

export interface FullCase {
  readonly name: string;
  readonly ids: readonly number[];
  readonly documentPositions: readonly number[];
  readonly queryPosition: number;
}

export interface EmbeddedCase {
  readonly name: string;
  readonly query: string;
  readonly documents: readonly string[];
  readonly blocks: readonly Omit<FullCase, 'name'>[];
  readonly scores: readonly number[];
}

export const TINY_CASES = goldenJson<{ cases: TinyCase[] }>('tiny.json').cases;
export const FULL = goldenJson<{ config: Json; cases: FullCase[] }>('full.json');
export const EMBEDDED_CASES = goldenJson<{ cases: EmbeddedCase[] }>('embedded.json').cases;

/** A small decoder: the residual stream after every layer, and after the final norm. */
export async function measureTiny(
  device: Device,
  { name, config, ids, prefix }: TinyCase,
): Promise<Measured[]> {
  const golden = await goldenTensors('tiny.safetensors');
  const model = await Qwen3.load(device, new SyntheticStore(), parseConfig(config), 'f32');
  const cache = prefix > 0 ? new KvCache(device, model.config, prefix) : undefined;
  if (cache) await model.forward(ids.slice(0, prefix), [prefix - 1], { keep: cache });
  const rest = ids.slice(prefix);
  const rows = rest.map((_, row) => row);
  const layers = model.config.windows.map((_, layer) => layer);
  const recorders = layers.map((layer) => new StateRecorder(device, model.config, 'mlp', layer, rows));
  const final = await model.forward(rest, rows, { prefix: cache, observer: new Observers(recorders) });
  cache?.free();
  const measured = await Promise.all(
    recorders.map(async ({ state }) => {
      const expected = await golden(`${name}.layer.${state.layer + 1}`);
      return { what: `layer ${state.layer + 1}`, error: relativeError(state.values, expected) };
    }),
  );
  return [...measured, { what: 'final', error: relativeError(final, await golden(`${name}.final`)) }];
}

/**
 * The 28-layer shape on the synthetic checkpoint, loaded once for both prompts. With fewer layers only what stands
 * before the last of them can be compared.
 */
export async function loadFull(
  device: Device,
  dtype: WeightDtype,
  layers = 28,
  store: TensorStore = new SyntheticStore(),
): Promise<(example: FullCase) => Promise<Measured[]>> {
  const config = parseConfig({ ...FULL.config, num_hidden_layers: layers });
  const model = await Qwen3.load(device, store, config, dtype);
  const projector = await Projector.load(device, store, model.config.hiddenSize);
  return (example) => measureFull(device, model, projector, example);
}

/** The same with a model that is loaded. */
export async function measureFull(
  device: Device,
  model: Qwen3,
  projector: Projector,
  { name, ids, documentPositions, queryPosition }: FullCase,
): Promise<Measured[]> {
  const golden = await goldenTensors('full.safetensors');
  const rows = [...documentPositions, queryPosition];
  const shown = [1, 14, 28].filter((layer) => layer <= model.config.layers);
  const recorders = shown.map((layer) => new StateRecorder(device, model.config, 'mlp', layer - 1, rows));
  const { final, embeddings } = await model.run(
    [{ ids, rows }],
    async (hidden) => ({ final: await device.read(hidden), embeddings: await projector.embed(hidden) }),
    { observer: new Observers(recorders) },
  );
  const measured = await Promise.all(
    recorders.map(async ({ state }, i) => {
      const expected = await golden(`${name}.layer.${shown[i]}`);
      return { what: `layer ${shown[i]}`, error: relativeError(state.values, expected) };
    }),
  );
  const scores = scoresOf(embeddings);
  const flat = embeddings.flatMap((embedding) => [...embedding]);
  return [
    ...measured,
    { what: 'final', error: relativeError(final, await golden(`${name}.final`)) },
    { what: 'embeddings', error: relativeError(flat, await golden(`${name}.embeddings`)) },
    { what: 'scores', error: largestDifference(scores, await golden(`${name}.scores`)) },
  ];
}

/** A ranking by the embedded model: the scores in input order, and how far they are from PyTorch's. */
export async function measureEmbedded(
  reranker: Reranker,
  { name, query, documents, scores }: EmbeddedCase,
): Promise<{ scores: number[]; measured: Measured[] }> {
  const golden = await goldenTensors('embedded.safetensors');
  const ranking = await reranker.rerank(query, documents, { returnEmbeddings: true });
  const inInputOrder = [...ranking].sort((a, b) => a.index - b.index);
  const embeddings = inInputOrder.flatMap(({ embedding }) => [...embedding!]);
  const got = inInputOrder.map(({ relevanceScore }) => relevanceScore);
  return {
    scores: got,
    measured: [
      { what: 'embeddings', error: relativeError(embeddings, await golden(`${name}.embeddings`)) },
      { what: 'scores', error: largestDifference(got, scores) },
    ],
  };
}
