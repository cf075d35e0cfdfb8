/** A model of whose weights no one fills whole blocks: five heads of 80, an MLP of 1,000, a hidden state of 200. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SyntheticStore } from '../../golden/synthetic.js';
import { relativeError } from '../../golden/values.js';
import type { Device } from '../../src/device/device.js';
import { WEIGHT_DTYPES, type WeightDtype } from '../../src/device/dtype.js';
import { ReferenceDevice } from '../../src/device/reference/device.js';
import { parseConfig } from '../../src/model/config.js';
import { Qwen3 } from '../../src/model/qwen3.js';
import { TESTED_DEVICES } from '../support/devices.js';

const CONFIG = parseConfig({
  model_type: 'qwen3',
  hidden_size: 200,
  num_hidden_layers: 2,
  num_attention_heads: 5,
  num_key_value_heads: 1,
  head_dim: 80,
  intermediate_size: 1000,
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  max_position_embeddings: 512,
  vocab_size: 64,
});

const IDS = Array.from({ length: 70 }, (_, i) => (i * i + 7 * i) % 64);
const ROWS = [0, 31, 69];

/** What quantised activations that lie between two integers may differ by. */
const ROUNDING = 2e-2;

async function hiddenStates(device: Device, dtype: WeightDtype): Promise<Float32Array> {
  const model = await Qwen3.load(device, new SyntheticStore(), CONFIG, dtype);
  return model.forward(IDS, ROWS);
}

const OTHERS = TESTED_DEVICES.filter(({ name }) => name !== 'reference');

describe.each(OTHERS)('on $name', ({ open, tolerance, slack, dequantizes = false }) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device.dispose());

  test.each(WEIGHT_DTYPES)('in %s its hidden states are the reference’s', async (dtype) => {
    const reference = new ReferenceDevice({ quantizesActivations: !dequantizes });
    const expected = await hiddenStates(reference, dtype);
    const quantized = dtype === 'q8' || dtype === 'q4';
    const bound = Math.max(tolerance, quantized ? ROUNDING : 0, dtype === 'f32' ? 0 : 4 * slack);
    expect(relativeError(await hiddenStates(device, dtype), expected)).toBeLessThan(bound);
  });
});
