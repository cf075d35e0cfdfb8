/** How many kernels a decoder layer runs. */
import { expect, test } from 'vitest';
import { SyntheticStore } from '../../../../golden/synthetic.js';
import type { WeightDtype } from '../../../../src/device/dtype.js';
import type { Arithmetic } from '../../../../src/device/webgpu/arithmetic.js';
import { WebGpuDevice } from '../../../../src/device/webgpu/device.js';
import { parseConfig } from '../../../../src/model/config.js';
import { Qwen3 } from '../../../../src/model/qwen3.js';
import { idleAdapter, MATRIX_UNITS } from '../../../support/idle-gpu.js';
import { TINY_CONFIG } from '../../../support/tiny-checkpoint.js';

/** Of a forward run. */
async function dispatchesOf(layers: number, arithmetic: Arithmetic, dtype: WeightDtype): Promise<number> {
  const adapter = idleAdapter(undefined, MATRIX_UNITS);
  const device = await WebGpuDevice.open(adapter, arithmetic);
  const config = parseConfig({ ...TINY_CONFIG, num_hidden_layers: layers });
  const model = await Qwen3.load(device, new SyntheticStore(), config, dtype);
  const ids = Array.from({ length: 40 }, (_, i) => i);
  await model.run([{ ids, rows: [39] }], async () => {});
  return adapter.calls.dispatches;
}

test.each([
  ['matrix', 'f16', 9], // only the MLP's second product has its rows converted
  ['matrix', 'q8', 9],
  ['f32', 'f32', 8],
  ['f32', 'q8', 12], // each product has its rows quantised
] as const)(
  'a layer in %s arithmetic with weights in %s takes %i dispatches',
  async (arithmetic, dtype, count) => {
    const [two, three] = [await dispatchesOf(2, arithmetic, dtype), await dispatchesOf(3, arithmetic, dtype)];
    expect(three - two).toBe(count);
  },
);
