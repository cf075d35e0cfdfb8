/** Prompts that pass a layer in several chunks, looked into and changed across their borders. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TINY_CASES } from '../../golden/measure.js';
import { SyntheticStore } from '../../golden/synthetic.js';
import { relativeError } from '../../golden/values.js';
import type { Device } from '../../src/device/device.js';
import { ReferenceDevice } from '../../src/device/reference/device.js';
import { WasmDevice } from '../../src/device/wasm/device.js';
import { AttentionRecorder, BlockMatrix, BlockRecorder } from '../../src/inspect/attention.js';
import { checkEdits, Editor } from '../../src/inspect/edits.js';
import { Observers, STATE_PLACES, StateRecorder } from '../../src/inspect/states.js';
import { parseConfig } from '../../src/model/config.js';
import { Qwen3 } from '../../src/model/qwen3.js';
import { tokensOfLength } from '../support/traces.js';

const config = parseConfig(TINY_CASES.find(({ name }) => name === 'sliding-3-2')!.config);
const ids = Array.from({ length: 900 }, (_, i) => (i * i * 31 + 7) % config.vocabularySize);
const rows = [0, 382, 383, 384, 385, 767, 768, 899]; // WebAssembly takes 384 at a time

let wasm: Device;
beforeAll(async () => {
  wasm = await WasmDevice.open({ threads: 2 });
});
afterAll(() => wasm.dispose());

/** Everything that is seen of an edited run. */
async function look(device: Device): Promise<Map<string, Float32Array>> {
  const model = await Qwen3.load(device, new SyntheticStore(), config, 'f32');
  const subject = { config, tokens: tokensOfLength(ids.length) };
  const span = Array.from({ length: 20 }, (_, i) => 375 + i);
  const edits = checkEdits(
    [
      { layer: 0, place: 'values', head: 1, rows: span, scale: -1 },
      { layer: 2, place: 'mlp', rows: span, add: new Float32Array(config.hiddenSize).fill(0.25) },
    ],
    subject,
    'tiny',
  );
  const layers = [0, 3, config.layers - 1];
  const states = layers.flatMap((layer) =>
    STATE_PLACES.map((place) => new StateRecorder(device, config, place, layer, rows)),
  );
  const weights = layers.map(
    (layer) => new AttentionRecorder(device, config, { layer, heads: [1, 2], rows }, ids.length),
  );
  const blocks = await BlockMatrix.make(
    device,
    9,
    ids.map((_, token) => Math.floor(token / 100)),
  );
  const sums = layers.map(
    (layer) => new BlockRecorder(device, config, { layer, heads: [1, 2], rows }, blocks),
  );
  const observers = [
    ...edits.map((edit) => new Editor(device, config, edit)),
    ...states,
    ...weights,
    ...sums,
  ];
  const final = await model.forward(ids, rows, { observer: new Observers(observers) });
  blocks.free();
  return new Map([
    ['final', final],
    ...states.map(({ state }) => [`${state.place} ${state.layer}`, state.values] as const),
    ...weights.map((each) => [`weights ${each.weights.layer}`, each.weights.values] as const),
    ...sums.map((each) => [`blocks ${each.weights.layer}`, each.weights.values] as const),
  ]);
}

test('what is seen and changed in chunks is what the reference sees', async () => {
  const [got, expected] = [await look(wasm), await look(new ReferenceDevice())];
  for (const [name, values] of expected)
    expect(relativeError(got.get(name)!, values), name).toBeLessThan(1e-4);
  const [weights, blocks] = [got.get('weights 3')!, got.get('blocks 3')!];
  for (let row = 0; row < 2 * rows.length; row++) {
    const sum = weights.subarray(row * 900 + 300, row * 900 + 400).reduce((a, b) => a + b, 0);
    expect(blocks[row * 9 + 3]).toBeCloseTo(sum, 5);
  }
});

test('131,072 tokens are summed to blocks', async () => {
  const device = await WasmDevice.open({ threads: 0 });
  const blocks = await BlockMatrix.make(
    device,
    64,
    Array.from({ length: 131_072 }, (_, token) => token >> 11),
  );
  const [row, sums] = [device.tensor(1, 131_072), device.tensor(1, 64)];
  device.write(row, new Float32Array(131_072).fill(1 / 4096));
  const pass = device.pass();
  pass.linear(row, blocks.matrix, sums);
  await pass.submit();
  expect([...(await device.read(sums))]).toEqual(Array(64).fill(0.5));
  await device.dispose();
});
