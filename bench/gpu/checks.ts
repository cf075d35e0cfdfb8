/** Whether the numbers are right: without that a speed means nothing. */
import {
  EMBEDDED_CASES,
  FULL,
  type Measured,
  measureFull,
  measureTiny,
  TINY_CASES,
} from '../../golden/measure.js';
import { largestDifference } from '../../golden/values.js';
import { openModel } from '../../src/checkpoint/open.js';
import type { Device } from '../../src/device/device.js';
import { MANY_ROWS, selfTest } from '../../src/device/self-test.js';
import type { Arithmetic } from '../../src/device/webgpu/arithmetic.js';
import { Ranker } from './ranker.js';
import type { Check } from './results.js';
import { PRODUCT_DTYPES, type Setting, settingName } from './settings.js';
import { type Size, WHOLE } from './sizes.js';

/** The full shape's. */
const HEADS = { headDim: 128, group: 2 };

/** What 32-bit arithmetic may be off, and what less may. */
const EXACT = 1e-4;
const HALF = 5e-3;
const EIGHTH = 2e-2;

export function boundOf(arithmetic: Arithmetic): number {
  return arithmetic === 'f32' ? EXACT : HALF;
}

/** Every operation once. Throws where one is wrong. */
export function checkOperations(device: Device, arithmetic: Arithmetic): Promise<void> {
  return selfTest(device, {
    dtypes: PRODUCT_DTYPES[arithmetic],
    heads: HEADS,
    tolerance: boundOf(arithmetic),
    size: MANY_ROWS,
  });
}

/** Small models: the tiny decoders, and the lists that the embedded model ranks. */
export async function* checkSmallModels(
  device: Device,
  arithmetic: Arithmetic,
  size: Size,
): AsyncGenerator<Check> {
  const bound = boundOf(arithmetic);
  const tiny: number[] = [];
  for (const example of TINY_CASES) tiny.push(worst(await measureTiny(device, example)));
  yield { arithmetic, what: 'tiny decoders, hidden states', error: Math.max(...tiny), bound };

  const dtype = arithmetic === 'f32' ? 'f32' : 'f16';
  const ranker = await Ranker.load(device, await openModel(), dtype);
  const lists: number[] = [];
  for (const { query, documents, scores } of EMBEDDED_CASES.slice(0, size.lists)) {
    const ranked = await ranker.rank(query, documents);
    lists.push(largestDifference(ranked.scores, scores));
  }
  yield { arithmetic, what: `embedded model in ${dtype}, scores`, error: Math.max(...lists), bound };
}

/** The full shape. Of a model that is cut short only what the first layer gives can be compared. */
export async function* checkFullShape(
  device: Device,
  { backbone, projector }: Ranker,
  setting: Setting,
): AsyncGenerator<Check> {
  const { arithmetic, dtype } = setting;
  const whole = backbone.config.layers === WHOLE;
  const what = whole ? 'scores' : 'layer 1';
  const bound = dtype === 'q8' ? EIGHTH : dtype === 'f16' ? HALF : EXACT;
  for (const example of whole ? FULL.cases : FULL.cases.slice(0, 1)) {
    const measured = await measureFull(device, backbone, projector, example);
    const error = worst(measured.filter((each) => each.what === what));
    const prompt = `${backbone.config.layers} layers in ${settingName(setting)}, ${example.ids.length} tokens`;
    yield { arithmetic, what: `${prompt}, ${what}`, error, bound };
  }
}

function worst(measured: readonly Measured[]): number {
  return Math.max(...measured.map(({ error }) => error));
}
