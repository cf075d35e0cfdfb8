/** Small decoders, one for each branch of the forward pass: every layer's hidden states against PyTorch's. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { measureTiny, TINY_CASES } from '../golden/measure.js';
import { SyntheticStore } from '../golden/synthetic.js';
import { relativeError } from '../golden/values.js';
import type { Device } from '../src/device/device.js';
import { parseConfig } from '../src/model/config.js';
import { KvCache } from '../src/model/kv-cache.js';
import { Qwen3 } from '../src/model/qwen3.js';
import { TESTED_DEVICES } from './support/devices.js';

describe.each(TESTED_DEVICES)('on $name', ({ open, tolerance }) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device.dispose());

  test.each(TINY_CASES)('$name gives the hidden states of PyTorch after every layer', async (example) => {
    const measured = await measureTiny(device, example);
    expect(measured.length).toBe(Number(example.config.num_hidden_layers) + 1);
    expect(measured.filter(({ error }) => !(error <= tolerance))).toEqual([]);
  });

  test('a prefix in the cache changes no number, however often it is used', async () => {
    const { config, ids } = TINY_CASES.find(({ name }) => name === 'prefix')!;
    const model = await Qwen3.load(device, new SyntheticStore(), parseConfig(config), 'f32');
    const last = ids.length - 1;
    const uncached = await model.forward(ids, [last]);

    const cache = new KvCache(device, model.config, ids.length, { kept: true });
    await model.forward(ids.slice(0, 24), [23], { cache });
    for (let run = 0; run < 2; run++) {
      const rest = await model.forward(ids.slice(24), [last - 24], { cache });
      expect(relativeError(rest, uncached)).toBeLessThan(1e-6);
      expect(cache.length).toBe(ids.length);
      cache.truncate(24);
    }
    cache.free();
  });
});
