/**
 * Measures one setting of listwise, in a process of its own so that peak memory is its own:
 *
 *   node build/forward.js <checkpoint folder> <dtype> <threads> <runs> <tokens> …
 *
 * prints a line of JSON for each prompt length, as the peers in bench/peers do.
 */
import { openCheckpoint } from '../src/checkpoint/checkpoint.js';
import { openDevice } from '../src/device/choose.js';
import type { WeightDtype } from '../src/device/dtype.js';
import { parseConfig } from '../src/model/config.js';
import { Qwen3 } from '../src/model/qwen3.js';

const [folder, dtype, threads, runs, ...lengths] = process.argv.slice(2);

const loadStart = performance.now();
const checkpoint = await openCheckpoint(folder!);
const device = await openDevice('wasm', { threads: Number(threads), dtypes: [dtype as WeightDtype] });
const model = await Qwen3.load(
  device,
  checkpoint.tensors,
  parseConfig(checkpoint.config),
  dtype as WeightDtype,
);
const loadSeconds = (performance.now() - loadStart) / 1000;

/** The forward pass over any ids, read at the last one: the values of ids and weights do not change its speed. */
async function prefill(tokens: number): Promise<number> {
  const ids = Array.from({ length: tokens }, (_, i) => (i * 7919) % 150_000);
  const start = performance.now();
  await model.forward(ids, [tokens - 1]);
  return (performance.now() - start) / 1000;
}

await prefill(64); // until the engine has compiled the kernels with all its effort
for (const tokens of lengths.map(Number)) {
  const times: number[] = [];
  for (let run = 0; run < Number(runs); run++) times.push(await prefill(tokens));
  const seconds = [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
  const line = {
    peer: 'listwise',
    description: device.description,
    dtype,
    threads: Number(threads),
    tokens,
    seconds,
    runs: times,
    tokensPerSecond: tokens / seconds,
    loadSeconds,
    peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  console.log(JSON.stringify(line));
}
await device.dispose();
await checkpoint.tensors.close();
