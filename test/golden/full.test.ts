/** The full 28-layer shape of Qwen3-0.6B, on the synthetic checkpoint, against PyTorch. */
import { describe, expect, test } from 'vitest';
import { FULL, loadFull } from '../../golden/measure.js';
import { NormScaledStore } from '../../golden/norm-scaled.js';
import { fill, SyntheticStore } from '../../golden/synthetic.js';
import { goldenJson } from '../../golden/values.js';
import { openDevice } from '../../src/device/choose.js';
import { ReferenceDevice } from '../../src/device/reference/device.js';
import { WasmDevice } from '../../src/device/wasm/device.js';
import { TESTED_DEVICES } from '../support/devices.js';

const FULL_LAYERS = 28;

const hasGpu = TESTED_DEVICES.some(({ name }) => name === 'webgpu');

describe('the synthetic checkpoint', () => {
  const { cases } = goldenJson<{ cases: { name: string; shape: number[]; values: [number, number][] }[] }>(
    'synthetic.json',
  );

  test.each(cases)('$name $shape has the values of its Python twin', ({ name, shape, values }) => {
    for (const [index, value] of values) {
      const element = new Float32Array(1);
      fill(name, shape.at(-1)!, index, element);
      expect(element[0]).toBe(value);
    }
  });
});

describe('wasm in f32', { tags: 'long' }, () => {
  test('hidden states, embeddings and scores of both prompts are within 1e-4 of PyTorch', async () => {
    const device = await WasmDevice.open();
    const measure = await loadFull(device, 'f32');
    for (const example of FULL.cases) {
      const measured = await measure(example);
      expect(measured.map(({ what }) => what)).toEqual([
        'layer 1',
        'layer 14',
        'layer 28',
        'final',
        'embeddings',
        'scores',
      ]);
      expect(
        measured.filter(({ error }) => !(error <= 1e-4)),
        example.name,
      ).toEqual([]);
    }
    await device.dispose();
  });
});

describe('the reference', () => {
  test('the first layer of the full shape is within 1e-5 of PyTorch; all 28 take minutes: npm run accuracy', async () => {
    const device = new ReferenceDevice();
    const measure = await loadFull(device, 'f32', 1);
    const [first] = await measure(FULL.cases[0]!);
    expect(first!.what).toBe('layer 1');
    expect(first!.error).toBeLessThan(1e-5);
    await device.dispose();
  });
});

describe.runIf(hasGpu)('webgpu in f32', { tags: ['gpu', 'long'] }, () => {
  test('the first layer of the full shape is within 1e-4 of PyTorch; all 28: npm run accuracy webgpu', async () => {
    const device = await openDevice('webgpu', { dtypes: ['f32'] });
    const measure = await loadFull(device, 'f32', 1);
    const [first] = await measure(FULL.cases[0]!);
    expect(first!.what).toBe('layer 1');
    expect(first!.error).toBeLessThan(1e-4);
    await device.dispose();
  });
});

describe('wasm', () => {
  test.each([
    ['f32', 1e-5],
    ['f16', 1e-5],
    ['bf16', 1e-5],
    ['q8', 0.02],
    ['q4', 0.15],
  ] as const)('the first layer of the full shape in %s is within %f of PyTorch', async (dtype, bound) => {
    const device = await WasmDevice.open();
    const measure = await loadFull(device, dtype, 1);
    const [first] = await measure(FULL.cases[0]!);
    expect(first!.what).toBe('layer 1');
    expect(first!.error).toBeLessThan(bound);
    await device.dispose();
  });
});

describe('wasm, quantised', { tags: 'long' }, () => {
  test.each([
    ['q8', 'synthetic', 0.02],
    ['q8', 'norm-scaled', 0.02],
    ['q4', 'synthetic', 0.045],
    ['q4', 'norm-scaled', 0.045],
  ] as const)(
    'scores of both prompts in %s, with %s weights, are within %f of PyTorch',
    async (dtype, weights, bound) => {
      const device = await WasmDevice.open();
      const store = weights === 'synthetic' ? new SyntheticStore() : new NormScaledStore();
      const measure = await loadFull(device, dtype, FULL_LAYERS, store);
      for (const example of FULL.cases) {
        const scores = (await measure(example)).find(({ what }) => what === 'scores')!;
        expect(scores.error, example.name).toBeLessThan(bound);
      }
      await device.dispose();
    },
  );
});
