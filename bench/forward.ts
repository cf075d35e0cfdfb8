/**
 * Measures one setting in a process of its own, so that peak memory is its own:
 *
 *   node build/forward.js <dtype> <threads> <layers> <tokens> … → a JSON line for each number of tokens
 *
 * The forward pass of the full Qwen3-0.6B shape on the synthetic checkpoint, in memory or from a file.
 */

import configJson from '../golden/jina-reranker-v3.config.json?raw';
import { SyntheticStore } from '../golden/synthetic.js';
import type { WeightDtype } from '../src/device/dtype.js';
import { WasmDevice } from '../src/device/wasm/device.js';
import { parseConfig } from '../src/model/config.js';
import { Qwen3 } from '../src/model/qwen3.js';

const RUNS = 3;

const [dtype, threads, layers, ...lengths] = process.argv.slice(2);
const config = parseConfig({ ...JSON.parse(configJson), num_hidden_layers: Number(layers) });
const device = await WasmDevice.open({ threads: Number(threads) });
const loadStart = performance.now();
const model = await Qwen3.load(device, new SyntheticStore(), config, dtype as WeightDtype);
const loadSeconds = (performance.now() - loadStart) / 1000;

for (const tokens of lengths.map(Number)) {
  const ids = Array.from({ length: tokens }, (_, i) => (i * 7919) % 150_000);
  const runs: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await model.forward(ids, [tokens - 1]);
    runs.push((performance.now() - start) / 1000);
  }
  const seconds = [...runs].sort((a, b) => a - b)[Math.floor(RUNS / 2)]!;
  console.log(
    JSON.stringify({
      peer: 'listwise',
      device: device.description,
      dtype,
      threads: Number(threads),
      layers: config.layers,
      tokens,
      seconds,
      runs,
      tokensPerSecond: tokens / seconds,
      loadSeconds,
      peakMemoryMiB: process.resourceUsage().maxRSS / 1024,
    }),
  );
}
await device.dispose();
