import { expect, test } from 'vitest';
import { SyntheticStore } from '../../golden/synthetic.js';
import type { WeightSource } from '../../src/device/device.js';
import type { WeightDtype } from '../../src/device/dtype.js';
import { ReferenceDevice } from '../../src/device/reference/device.js';
import { parseConfig } from '../../src/model/config.js';
import { dtypesOf, loadBackbone } from '../../src/model/weights.js';
import { TINY_CONFIG } from '../support/tiny-checkpoint.js';

/** Tells in what each weight was asked to rest. */
class Recording extends ReferenceDevice {
  readonly dtypes: string[] = [];

  override weight(source: WeightSource, dtype: WeightDtype) {
    this.dtypes.push(`${source.name.split('.')[2]} ${dtype}`);
    return super.weight(source, dtype);
  }
}

test('in q4 every ninth layer keeps q8, the first ones', async () => {
  const device = new Recording();
  const config = parseConfig({ ...TINY_CONFIG, num_hidden_layers: 18 });
  await loadBackbone(device, new SyntheticStore(), config, 'q4', () => {});
  const layers = Array.from({ length: 18 }, (_, layer) => `${layer} ${layer < 2 ? 'q8' : 'q4'}`);
  expect([...new Set(device.dtypes)]).toEqual(layers);
});

test('a device proves itself in all that a model rests in', () => {
  expect(dtypesOf(28, 'q4')).toEqual(['q4', 'q8']);
  expect(dtypesOf(4, 'q4')).toEqual(['q4']); // the embedded model's
  expect(dtypesOf(28, 'q8')).toEqual(['q8']);
});
