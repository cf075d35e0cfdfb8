/** The steps of a run. Each tells what it finds as it finds it. */
import { requestAdapter } from '../../src/device/webgpu/adapter.js';
import { ARITHMETIC_NAMES, type Arithmetic } from '../../src/device/webgpu/arithmetic.js';
import { WebGpuDevice } from '../../src/device/webgpu/device.js';
import { fastestOf } from '../../src/device/webgpu/tuning/tune.js';
import { boundOf, checkFullShape, checkOperations, checkSmallModels } from './checks.js';
import { markers, runsOf, timePrompts, timeRequest } from './end-to-end.js';
import { timePeer } from './peer.js';
import { timeAttention, timeProduct } from './products.js';
import { Ranker, syntheticCheckpoint } from './ranker.js';
import type { Check } from './results.js';
import type { Run } from './run.js';
import { PRODUCT_DTYPES, type Setting, SHAPE, settingName } from './settings.js';
import { rounded } from './tables.js';

export function checkNumbers(run: Run, arithmetic: Arithmetic): Promise<void> {
  return mustFinish(run, arithmetic, 'opening', () =>
    withDevice(arithmetic, async (device) => {
      await mustFinish(run, arithmetic, 'self-test', () => checkOperations(device, arithmetic));
      await mustFinish(run, arithmetic, 'small models', async () => {
        for await (const check of checkSmallModels(device, arithmetic, run.size)) await tellCheck(run, check);
      });
    }),
  );
}

/** Products and attention, one operation at a time. */
export function measureOperations(run: Run, arithmetic: Arithmetic): Promise<boolean> {
  const { size, results } = run;
  const name = ARITHMETIC_NAMES[arithmetic];
  return run.attempt(`measuring ${name}`, () =>
    withDevice(arithmetic, async (device) => {
      for (const dtype of PRODUCT_DTYPES[arithmetic]) {
        for (const shape of size.products) {
          for await (const speed of timeProduct(device, shape, dtype, size)) {
            const { name, inputs, outputs } = shape;
            results.products.push({ arithmetic, dtype, name, inputs, outputs, ...speed });
            const product = `${speed.rows} rows, ${inputs} → ${outputs}`;
            await run.tell(
              `${settingName({ arithmetic, dtype })}: ${product}: ${rounded(speed.teraflops)} TFLOP/s`,
            );
          }
        }
      }
      for await (const speed of timeAttention(device, size)) {
        results.attention.push({ arithmetic, queries: size.queries, ...speed });
        await run.tell(`${name}: attention to ${speed.keys} keys: ${rounded(speed.teraflops)} TFLOP/s`);
      }
    }),
  );
}

/** Has the device prefer the variants that are fastest, and notes how long each took. */
async function preferFastest(run: Run, device: WebGpuDevice, setting: Setting): Promise<void> {
  const timings = await device.timeVariants(SHAPE, setting.dtype, {});
  run.results.variants.push({ ...setting, timings });
  const fastest = fastestOf(timings);
  device.prefer(fastest);
  for (const [task, variant] of Object.entries(fastest)) {
    await run.tell(`${settingName(setting)}: ${task}: ${variant} is fastest`);
  }
}

/** The whole model in its fastest variants: its numbers, prompts of several lengths, a request. */
export function measureModel(run: Run, setting: Setting): Promise<boolean> {
  const { size, results } = run;
  const { arithmetic } = setting;
  const runner = `listwise ${settingName(setting)}`;
  return run.attempt(runner, () =>
    withDevice(arithmetic, async (device) => {
      if (!device.isSoftware) await preferFastest(run, device, setting);
      const start = performance.now();
      await run.tell(`${runner}: making ${size.layers} layers of weights …`);
      const ranker = await Ranker.load(device, await syntheticCheckpoint(size.layers), setting.dtype);
      await run.tell(`${runner}: made in ${rounded((performance.now() - start) / 1000)} s`);
      await mustFinish(run, arithmetic, `full shape in ${settingName(setting)}`, async () => {
        for await (const check of checkFullShape(device, ranker, setting)) await tellCheck(run, check);
      });
      for await (const speed of timePrompts(device, ranker, run.card, size)) {
        if (typeof speed === 'string') {
          await run.note(`${runner}: ${speed}`);
          continue;
        }
        results.prompts.push({ runner, arithmetic, ...speed });
        await run.tell(`${runner}: ${speed.tokens} tokens: ${rounded(speed.tokensPerSecond)} a second`);
      }
      const request = await timeRequest(ranker, size);
      results.requests.push({ runner, arithmetic, ...request });
      await run.tell(`${runner}: ${request.documents} documents: ${rounded(request.milliseconds)} ms`);
    }),
  );
}

/** PyTorch runs the same prompts, and one as long as the request's. */
export function measurePeer(run: Run): Promise<boolean> {
  const { size, results } = run;
  const request = results.requests[0];
  const lengths = [...size.prompts, ...(request ? [request.tokens] : [])];
  const prompts = lengths.map((tokens) => ({ tokens, rows: markers(tokens), runs: runsOf(tokens, size) }));
  return run.attempt('PyTorch', async () => {
    for await (const speed of timePeer(prompts, run.card)) {
      if (typeof speed === 'string') {
        await run.note(speed);
        continue;
      }
      const { runner, tokens, seconds } = speed;
      if (tokens === request?.tokens)
        results.requests.push({ ...request, runner, milliseconds: seconds * 1000 });
      else results.prompts.push(speed);
      await run.tell(`${runner}: ${tokens} tokens: ${rounded(speed.tokensPerSecond)} a second`);
    }
  });
}

/** A check that does not come to its end has failed. */
async function mustFinish(run: Run, arithmetic: Arithmetic, what: string, step: () => Promise<void>) {
  if (await run.attempt(`${ARITHMETIC_NAMES[arithmetic]}: ${what}`, step)) return;
  run.results.checks.push({
    arithmetic,
    what,
    error: Number.POSITIVE_INFINITY,
    bound: boundOf(arithmetic),
  });
}

async function tellCheck(run: Run, check: Check): Promise<void> {
  run.results.checks.push(check);
  const { arithmetic, what, error, bound } = check;
  await run.tell(
    `${ARITHMETIC_NAMES[arithmetic]}: ${what}: off by ${error.toExponential(1)}, ${bound} is allowed`,
  );
}

/** An adapter gives one device: each asks for its own. */
async function withDevice(arithmetic: Arithmetic, use: (device: WebGpuDevice) => Promise<void>) {
  const device = await WebGpuDevice.open(await requestAdapter(), arithmetic);
  try {
    await use(device);
  } finally {
    await device.dispose();
  }
}
