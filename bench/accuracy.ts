/**
 * npm run accuracy: how far each device is from PyTorch in float32, over all golden cases. Prints the table of
 * docs/accuracy.md. The full shape on the reference device takes most of its time: about half an hour. With the
 * name of a device, `npm run accuracy webgpu`, it measures that one alone.
 */
import {
  EMBEDDED_CASES,
  FULL,
  loadFull,
  type Measured,
  measureEmbedded,
  measureTiny,
  TINY_CASES,
} from '../golden/measure.js';
import { NormScaledStore } from '../golden/norm-scaled.js';
import { openDevice } from '../src/device/choose.js';
import type { Device, DeviceKind } from '../src/device/device.js';
import { isQuantized, WEIGHT_DTYPES, type WeightDtype } from '../src/device/dtype.js';
import { ReferenceDevice } from '../src/device/reference/device.js';
import { WasmDevice } from '../src/device/wasm/device.js';
import { Reranker } from '../src/reranker/reranker.js';

interface Setting {
  readonly kind: DeviceKind;
  readonly dtype: WeightDtype;
  readonly open: () => Promise<Device>;
}

const wanted = process.argv[2];

const webgpu = (dtype: WeightDtype): Setting => ({
  kind: 'webgpu',
  dtype,
  open: () => openDevice('webgpu', { dtypes: [dtype], onNotice: (notice) => console.error(notice) }),
});

const ALL: readonly Setting[] = [
  ...WEIGHT_DTYPES.map((dtype): Setting => ({ kind: 'wasm', dtype, open: () => WasmDevice.open() })),
  ...WEIGHT_DTYPES.map(webgpu),
  { kind: 'reference', dtype: 'f32', open: async () => new ReferenceDevice() },
];
const SETTINGS = ALL.filter(({ kind }) => wanted === undefined || kind === wanted);

const rows = new Map<string, string[]>();

/** Adds a setting's worst error to a row of the table. */
function record(row: string, { kind, dtype }: Setting, errors: readonly number[]): void {
  const worst = Math.max(...errors).toExponential(1);
  rows.set(row, [...(rows.get(row) ?? []), worst]);
  console.error(`${kind} ${dtype}: ${row}: ${worst}`);
}

const only = (measured: readonly Measured[], ...what: string[]) =>
  measured.filter((each) => what.includes(each.what)).map(({ error }) => error);

async function measureSetting(setting: Setting): Promise<void> {
  const device = await setting.open();
  console.error(device.description);
  const tiny: number[] = [];
  if (setting.dtype === 'f32') {
    for (const example of TINY_CASES) {
      tiny.push(...(await measureTiny(device, example)).map(({ error }) => error));
    }
  }
  record(`${TINY_CASES.length} tiny decoders: hidden states after every layer`, setting, tiny);

  const measureFull = await loadFull(device, setting.dtype);
  for (const example of FULL.cases) {
    const measured = await measureFull(example);
    const prompt = `28 layers, ${example.ids.length} tokens`;
    record(
      `${prompt}: hidden states after layers 1, 14, 28`,
      setting,
      only(measured, 'layer 1', 'layer 14', 'layer 28'),
    );
    record(`${prompt}: embeddings`, setting, only(measured, 'embeddings'));
    record(`${prompt}: scores`, setting, only(measured, 'scores'));
  }
  if (isQuantized(setting.dtype)) {
    const normScaled = await loadFull(device, setting.dtype, 28, new NormScaledStore());
    const errors: number[] = [];
    for (const example of FULL.cases) errors.push(...only(await normScaled(example), 'scores'));
    record('the same with norm-scaled weights: scores', setting, errors);
  } else record('the same with norm-scaled weights: scores', setting, []);
  await device.dispose();

  const reranker = await Reranker.load(undefined, { device: setting.kind, dtype: setting.dtype });
  const lists: Measured[] = [];
  for (const example of EMBEDDED_CASES) lists.push(...(await measureEmbedded(reranker, example)).measured);
  record(`embedded model, ${EMBEDDED_CASES.length} lists: embeddings`, setting, only(lists, 'embeddings'));
  record(`embedded model, ${EMBEDDED_CASES.length} lists: scores`, setting, only(lists, 'scores'));
  await reranker.dispose();
}

for (const setting of SETTINGS) await measureSetting(setting);
const head = SETTINGS.map(({ kind, dtype }) => `\`${kind}\` ${dtype}`);
console.log(`| against PyTorch float32 | ${head.join(' | ')} |\n|---|${'---|'.repeat(head.length)}`);
for (const [row, cells] of rows)
  console.log(`| ${row} | ${cells.map((cell) => (cell === '-Infinity' ? '' : cell)).join(' | ')} |`);
