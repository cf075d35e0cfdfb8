/** What is seen inside a run, and what comes out of one that is changed, against PyTorch's hooks. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SyntheticStore } from '../../golden/synthetic.js';
import { goldenJson, goldenTensors, largestDifference, relativeError } from '../../golden/values.js';
import type { Device } from '../../src/device/device.js';
import { AttentionRecorder } from '../../src/inspect/attention.js';
import { checkEdits, type Edit, Editor, withMean } from '../../src/inspect/edits.js';
import { Observers, STATE_PLACES, type State, StateRecorder } from '../../src/inspect/states.js';
import { parseConfig } from '../../src/model/config.js';
import type { Observer } from '../../src/model/observer.js';
import { Qwen3 } from '../../src/model/qwen3.js';
import { Reranker } from '../../src/reranker/reranker.js';
import { TESTED_DEVICES } from '../support/devices.js';
import { tokensOfLength, traceOf } from '../support/traces.js';

type GoldenEdit = Edit & { readonly patch?: true };

interface TinyCase {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly ids: readonly number[];
  /** Of the run that is patched from. */
  readonly otherIds: readonly number[];
  readonly rows: readonly number[];
  readonly layers: readonly number[];
  readonly edits: readonly (readonly GoldenEdit[])[];
}

interface EmbeddedCase {
  readonly name: string;
  readonly query: string;
  readonly documents: readonly string[];
  readonly edits: readonly (readonly Edit[])[];
}

const { cases } = goldenJson<{ cases: (TinyCase | EmbeddedCase)[] }>('inside.json');
const tinyCases = cases.filter((each): each is TinyCase => 'config' in each);
const embeddedCase = cases.find((each): each is EmbeddedCase => 'query' in each)!;

/** How far weights of attention may be from PyTorch's, absolutely. */
const WEIGHTS = 1e-5;

describe.each(TESTED_DEVICES)('on $name', ({ open, tolerance, slack }) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device.dispose());

  describe.each(tinyCases)('$name', ({ name, config: json, ids, otherIds, rows, layers, edits }) => {
    const config = parseConfig(json);
    let model: Qwen3;
    let golden: Awaited<ReturnType<typeof goldenTensors>>;
    beforeAll(async () => {
      golden = await goldenTensors('inside.safetensors');
      model = await Qwen3.load(device, new SyntheticStore(), config, 'f32');
    });

    const run = (prompt: readonly number[], wanted: readonly number[], observers: readonly Observer[]) =>
      model.forward(prompt, wanted, { observer: new Observers(observers) });

    test('every place of a layer holds what PyTorch has there', async () => {
      const recorders = layers.flatMap((layer) =>
        STATE_PLACES.map((place) => new StateRecorder(device, config, place, layer, rows)),
      );
      expect(relativeError(await run(ids, rows, recorders), await golden(`${name}.final`))).toBeLessThan(
        tolerance,
      );
      for (const { state } of recorders) {
        const expected = await golden(`${name}.${state.place}.${state.layer}`);
        expect(relativeError(state.values, expected), `${state.place} ${state.layer}`).toBeLessThan(
          tolerance,
        );
      }
    });

    test('attention weighs as it does in PyTorch, and adds up to one', async () => {
      const heads = Array.from({ length: config.heads }, (_, head) => head);
      const recorders = layers.map(
        (layer) => new AttentionRecorder(device, config, { layer, heads, rows }, ids.length),
      );
      await run(ids, rows, recorders);
      for (const { weights } of recorders) {
        const expected = await golden(`${name}.weights.${weights.layer}`);
        expect(largestDifference(weights.values, expected)).toBeLessThan(Math.max(WEIGHTS, 2 * slack));
        for (let start = 0; start < weights.values.length; start += ids.length) {
          const total = weights.values.subarray(start, start + ids.length).reduce((a, b) => a + b, 0);
          expect(total).toBeCloseTo(1, 5);
        }
      }
    });

    test.each(edits.map((each, number) => ({ each, number })))(
      'edit $number gives what PyTorch gives',
      async ({ each, number }) => {
        const subject = { config, tokens: tokensOfLength(ids.length) };
        const other = await statesOf(otherIds, each);
        const checked = checkEdits(
          each.map((edit) => (edit.patch ? { ...edit, patch: traceOf('tiny', other) } : edit)),
          subject,
          'tiny',
        );
        const clean = await statesOf(ids, each);
        const editors = checked.map((edit, i) => {
          const state = clean[i]!;
          const picked = edit.rows.flatMap((row) => [
            ...state.values.subarray(row * state.columns, (row + 1) * state.columns),
          ]);
          const measured = { ...state, rows: edit.rows, values: Float32Array.from(picked) };
          return new Editor(device, config, edit.values ? edit : withMean(edit, measured));
        });
        const all = ids.map((_, row) => row);
        const final = await run(ids, all, editors);
        const wanted = rows.flatMap((row) => [
          ...final.subarray(row * config.hiddenSize, (row + 1) * config.hiddenSize),
        ]);
        expect(relativeError(wanted, await golden(`${name}.edited.${number}`))).toBeLessThan(tolerance);
      },
    );

    /** All rows at the places of some edits, unedited. */
    async function statesOf(prompt: readonly number[], some: readonly GoldenEdit[]): Promise<State[]> {
      const all = prompt.map((_, row) => row);
      const recorders = some.map(({ place, layer }) => new StateRecorder(device, config, place, layer, all));
      await run(prompt, all, recorders);
      return recorders.map(({ state }) => state);
    }
  });
});

const kinds = new Set(
  TESTED_DEVICES.map(({ name }) => name.split(',')[0]!.split(' ')[0] as 'reference' | 'wasm' | 'webgpu'),
);

describe.each([...kinds])('the embedded model on %s', (device) => {
  const { name, query, documents, edits } = embeddedCase;
  let reranker: Reranker;
  let golden: Awaited<ReturnType<typeof goldenTensors>>;
  beforeAll(async () => {
    golden = await goldenTensors('inside.safetensors');
    reranker = await Reranker.load(undefined, { device });
  });
  afterAll(() => reranker.dispose());

  test('its layers, its attention and its score lens are PyTorch’s', async () => {
    const trace = await reranker.inspect(query, documents, { hidden: {}, attention: {}, lens: true });
    expect(largestDifference(trace.scores, await golden(`${name}.scores`))).toBeLessThan(1e-4);
    for (const { layer, values } of trace.hidden) {
      expect(relativeError(values, await golden(`${name}.mlp.${layer}`))).toBeLessThan(1e-4);
    }
    for (const { layer, values } of trace.attention) {
      expect(largestDifference(values, await golden(`${name}.weights.${layer}`)), `${layer}`).toBeLessThan(
        1e-4,
      );
    }
    for (let layer = 0; layer < trace.layers - 1; layer++) {
      const scores = trace.lens!.subarray(layer * documents.length, (layer + 1) * documents.length);
      expect(largestDifference(scores, await golden(`${name}.lens.${layer}`))).toBeLessThan(1e-4);
    }
    expect([...trace.lens!.subarray(-documents.length)]).toEqual([...trace.scores]);
  });

  test.each(edits.map((each, number) => ({ each, number })))(
    'edit $number gives PyTorch’s scores',
    async ({ each, number }) => {
      const { scores } = await reranker.inspect(query, documents, { edits: each });
      expect(largestDifference(scores, await golden(`${name}.edited.${number}`))).toBeLessThan(1e-4);
    },
  );
});
