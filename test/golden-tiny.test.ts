/** Small decoders, one for each branch of the forward pass: every layer's hidden states against PyTorch's. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SyntheticStore } from '../golden/synthetic.js';
import type { Device } from '../src/device/device.js';
import { parseConfig } from '../src/model/config.js';
import { KvCache } from '../src/model/kv-cache.js';
import { Qwen3 } from '../src/model/qwen3.js';
import { TESTED_DEVICES } from './support/devices.js';
import { goldenJson, goldenTensors, relativeError } from './support/golden.js';

interface TinyCase {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly ids: readonly number[];
  /** Tokens that go through first, into a cache. */
  readonly prefix: number;
}

const { cases } = goldenJson<{ cases: TinyCase[] }>('tiny.json');
const golden = await goldenTensors('tiny.safetensors');

describe.each(TESTED_DEVICES)('on $name', ({ open, tolerance }) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device.dispose());

  test.each(cases)(
    '$name gives the hidden states of PyTorch after every layer',
    async ({ name, config, ids, prefix }) => {
      const model = await Qwen3.load(device, new SyntheticStore(), parseConfig(config), 'f32');
      const cache = new KvCache(device, model.config, ids.length, { kept: true });
      if (prefix > 0) await model.forward(ids.slice(0, prefix), [prefix - 1], { cache });

      const rest = ids.slice(prefix);
      const errors: [string, number][] = [];
      const final = await model.forward(
        rest,
        rest.map((_, row) => row),
        {
          cache,
          onLayer: async (layer, hidden) => {
            const expected = await golden(`${name}.layer.${layer}`);
            errors.push([`layer ${layer}`, relativeError(await device.read(hidden), expected)]);
          },
        },
      );
      cache.free();
      errors.push(['final', relativeError(final, await golden(`${name}.final`))]);
      expect(errors.length).toBe(model.config.layers + 1);
      expect(errors.filter(([, error]) => error > tolerance)).toEqual([]);
    },
  );

  test('a prefix in the cache changes no number, however often it is used', async () => {
    const { config, ids } = cases.find(({ name }) => name === 'prefix')!;
    const model = await Qwen3.load(device, new SyntheticStore(), parseConfig(config), 'f32');
    const last = [ids.length - 1];
    const uncached = await model.forward(ids, last);

    const cache = new KvCache(device, model.config, ids.length, { kept: true });
    await model.forward(ids.slice(0, 24), [23], { cache });
    for (let run = 0; run < 2; run++) {
      const rest = await model.forward(ids.slice(24), [last[0]! - 24], { cache });
      expect(relativeError(rest, uncached)).toBeLessThan(1e-6);
      expect(cache.length).toBe(ids.length);
      cache.truncate(24);
    }
    cache.free();
  });
});
