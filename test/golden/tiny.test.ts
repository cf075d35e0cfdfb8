/** Small decoders, one for each branch of the forward pass: every layer's hidden states against PyTorch's. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { measureTiny, TINY_CASES } from '../../golden/measure.js';
import { SyntheticStore } from '../../golden/synthetic.js';
import { relativeError } from '../../golden/values.js';
import type { Device } from '../../src/device/device.js';
import { parseConfig } from '../../src/model/config.js';
import { KvCache } from '../../src/model/kv-cache.js';
import { Qwen3 } from '../../src/model/qwen3.js';
import { TESTED_DEVICES } from '../support/devices.js';

describe.each(TESTED_DEVICES)('on $name', ({ open, tolerance, slack }) => {
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

  test.each(['prefix', 'sliding-3-2'])('%s: a prefix that is kept changes no number', async (name) => {
    const { config, ids } = TINY_CASES.find((example) => example.name === name)!;
    const model = await Qwen3.load(device, new SyntheticStore(), parseConfig(config), 'f32');
    const last = ids.length - 1;
    const uncached = await model.forward(ids, [last]);

    const short = new KvCache(device, model.config, 3);
    const long = new KvCache(device, model.config, 24);
    await model.forward(ids.slice(0, 10), [9], { keep: short });
    await model.forward(ids.slice(3, 30), [26], { prefix: short, keep: long });
    for (const prefix of [short, long, short]) {
      const rest = await model.forward(ids.slice(prefix.length), [last - prefix.length], { prefix });
      // A window's keys fall into other tiles; where operands rest in 16 bits, that moves their rounding, too.
      expect(relativeError(rest, uncached)).toBeLessThan(tolerance / (slack > 0 ? 5 : 10));
    }
    for (const cache of [short, long]) cache.free();
  });

  test('a run gives the same bits, whatever ran before it', async () => {
    const { config, ids } = TINY_CASES.find((example) => example.name === 'sliding-3-2')!;
    const model = await Qwen3.load(device, new SyntheticStore(), parseConfig(config), 'f16');
    const last = [ids.length - 1];
    const first = await model.forward(ids, last);
    for (const length of [40, 53, 64, 100]) {
      const others = Array.from({ length }, (_, i) => (i * i * 7) % Number(config.vocab_size));
      await model.forward(others, [...others.keys()]);
      expect(await model.forward(ids, last)).toEqual(first);
    }
  });

  test('a layer with a window keeps no more than its window', async () => {
    const { config } = TINY_CASES.find(({ name }) => name === 'sliding-3-2')!;
    const cache = new KvCache(device, parseConfig(config), 20);
    expect([0, 1, 2, 3, 4].map((layer) => cache.layer(layer).rows)).toEqual([8, 8, 8, 20, 20]);
    cache.free();
  });
});
