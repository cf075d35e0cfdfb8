/**
 * npm run bench:host: what the host does for a GPU, on any machine. The GPU either takes everything and does nothing,
 * so that the project's own code is what is measured, or it is this machine's with dispatches of no workgroups, so
 * that WebGPU's calls are measured, too.
 *
 * - A dispatch: the time of forward runs of 256 tokens in 28 layers, divided by their dispatches.
 * - The first submission: how long the GPU waits for it when a prompt of 13,000 tokens comes, its embeddings read from
 *   a file. The checkpoint, 2 layers of the full shape, is written once: 400 MB in build/host-checkpoint.
 *
 * Both are the CPU's time, and of several runs the least, so that what else goes on in a machine counts little; the
 * first submission's time on the clock stands beside it.
 */
import { fileURLToPath } from 'node:url';
import { FULL, TINY_CASES } from '../golden/measure.js';
import { SyntheticStore } from '../golden/synthetic.js';
import { syntheticCheckpoint, writeHuggingFace } from '../golden/write-checkpoint.js';
import { openCheckpoint } from '../src/checkpoint/checkpoint.js';
import type { TensorStore } from '../src/checkpoint/tensors.js';
import { WebGpuDevice } from '../src/device/webgpu/device.js';
import { parseConfig } from '../src/model/config.js';
import { Qwen3 } from '../src/model/qwen3.js';
import { type CountedAdapter, emptiedAdapter, idleAdapter } from '../test/support/idle-gpu.js';

const TOKENS = { dispatch: 256, first: 13_000 };
const RUNS = { dispatch: 40, first: 7 };
const CHECKPOINT = fileURLToPath(new URL('../build/host-checkpoint', import.meta.url));

/** Ids as text has them: the n-th most frequent token comes once for n times that the first does. */
function idsOf(tokens: number, vocabulary: number): number[] {
  let state = 1;
  return Array.from({ length: tokens }, () => {
    state = Math.imul(state, 48_271) % 0x7fffffff;
    return Math.floor(vocabulary ** (Math.abs(state) / 0x7fffffff)) % vocabulary;
  });
}

/** Milliseconds of CPU time that this process took so far. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function withModel<T>(
  adapter: CountedAdapter,
  tensors: TensorStore,
  config: Record<string, unknown>,
  use: (model: Qwen3) => Promise<T>,
): Promise<T> {
  const device = await WebGpuDevice.open(adapter, 'f32');
  const model = await Qwen3.load(device, tensors, parseConfig(config), 'f32');
  try {
    return await use(model);
  } finally {
    await device.dispose();
  }
}

/** Microseconds of a dispatch, and how many bind groups were made for each. */
async function measureDispatch(adapter: CountedAdapter) {
  const narrow = { ...TINY_CASES[0]!.config, num_hidden_layers: 28 };
  return withModel(adapter, new SyntheticStore(), narrow, async (model) => {
    const ids = idsOf(TOKENS.dispatch, model.config.vocabularySize);
    await model.forward(ids, [0, ids.length - 1]);
    const { calls } = adapter;
    const [dispatches, bindGroups] = [calls.dispatches, calls.bindGroups];
    const times: number[] = [];
    for (let run = 0; run < RUNS.dispatch; run++) {
      const start = cpuTime();
      await model.forward(ids, [0, ids.length - 1]);
      times.push(cpuTime() - start);
    }
    const perRun = (calls.dispatches - dispatches) / RUNS.dispatch;
    return {
      microseconds: (1000 * Math.min(...times)) / perRun,
      perRun,
      bindGroups: (calls.bindGroups - bindGroups) / RUNS.dispatch,
    };
  });
}

/** Milliseconds from the call to the first submission: of CPU time, and on the clock. */
async function measureFirst(adapter: CountedAdapter): Promise<[number, number]> {
  const synthetic = await syntheticCheckpoint();
  await writeHuggingFace({ ...synthetic, config: { ...FULL.config, num_hidden_layers: 2 } }, CHECKPOINT);
  const checkpoint = await openCheckpoint(CHECKPOINT);
  const waits = await withModel(adapter, checkpoint.tensors, checkpoint.config, async (model) => {
    const ids = idsOf(TOKENS.first, model.config.vocabularySize);
    const measured: [number, number][] = [];
    for (let run = 0; run < RUNS.first; run++) {
      const start = [cpuTime(), performance.now()] as const;
      let wait: [number, number] | undefined;
      adapter.calls.onSubmission = () => {
        wait ??= [cpuTime() - start[0], performance.now() - start[1]];
      };
      await model.forward(ids, [ids.length - 1]);
      measured.push(wait!);
    }
    return measured;
  });
  await checkpoint.tensors.close();
  return [Math.min(...waits.map(([cpu]) => cpu)), Math.min(...waits.map(([, clock]) => clock))];
}

for (const open of [async () => idleAdapter(), emptiedAdapter]) {
  const adapter = await open();
  console.log(adapter.name);
  const { microseconds, perRun, bindGroups } = await measureDispatch(adapter);
  console.log(
    `  a dispatch: ${microseconds.toFixed(1)} µs (${perRun} a run, ${bindGroups} new bind groups a run)`,
  );
  const [cpu, clock] = await measureFirst(await open());
  console.log(
    `  first submission of ${TOKENS.first} tokens: ${cpu.toFixed(1)} ms of CPU time, ${clock.toFixed(1)} ms`,
  );
}
