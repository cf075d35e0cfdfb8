/** What was found to be fastest on a GPU, kept between runs: one file, or what a browser has instead. */
import { readRecord, writeRecord } from '#platform';
import { VERSION } from '../../../version.js';
import type { WeightDtype } from '../../dtype.js';
import type { ModelShape } from '../../model-shape.js';
import type { Adapter } from '../adapter.js';
import type { Preferences } from '../operations/choices.js';

const FILE = 'gpu-tuning.json';

/** What a record holds for: this GPU and driver, this package, this model. */
export function recordKey(adapter: Adapter, shape: ModelShape, dtype: WeightDtype): string {
  const { vendor, architecture, device, description } = adapter.gpu.info; // the description names the driver
  const { hiddenSize, heads, kvHeads, headDim, intermediateSize } = shape;
  return [
    ...[VERSION, vendor, architecture, device, description],
    ...[dtype, hiddenSize, heads, kvHeads, headDim, intermediateSize],
  ].join(' · ');
}

/** Nothing where there is no record, or a damaged one. */
export async function recall(key: string): Promise<Preferences | undefined> {
  return (await readAll())[key];
}

/** Where nothing can be kept, nothing is: the next run times anew. */
export async function remember(key: string, preferences: Preferences): Promise<void> {
  const all = { ...(await readAll()), [key]: preferences };
  await writeRecord(FILE, `${JSON.stringify(all, null, 2)}\n`).catch(() => {});
}

async function readAll(): Promise<Record<string, Preferences>> {
  const text = await readRecord(FILE).catch(() => undefined);
  try {
    const all: unknown = JSON.parse(text ?? '{}');
    return Object.fromEntries(Object.entries(all ?? {}).filter(isEntry));
  } catch {
    return {};
  }
}

/** Whatever names no variant of this version is passed over where it is looked up. */
function isEntry(entry: [string, unknown]): entry is [string, Preferences] {
  const [, names] = entry;
  return typeof names === 'object' && names !== null && !Array.isArray(names);
}
