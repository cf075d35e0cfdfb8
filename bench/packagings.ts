/**
 * npm run bench:packagings: the synthetic checkpoint of the full shape in every packaging, by path and through a hub
 * on this machine: how long it takes to load, how much memory the process takes at its peak, and whether all give one ranking. Prints a table.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { syntheticCheckpoint, writeGguf, writeHuggingFace, writeMlx } from '../golden/write-checkpoint.js';
import { serveFolders } from './local-hub.js';

interface Loaded {
  readonly loadSeconds: number;
  readonly peakMemoryMiB: number;
  readonly order: readonly number[];
  readonly scores: readonly number[];
}

interface Row extends Loaded {
  readonly what: string;
  readonly dtype: string;
}

const path = (relative: string) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const FOLDERS = {
  'one-file': path('bench/.cache/synthetic'),
  shards: path('bench/.cache/shards'),
  mlx: path('bench/.cache/mlx'),
  gguf: path('bench/.cache/gguf'),
};

async function write(): Promise<void> {
  const checkpoint = await syntheticCheckpoint();
  await writeHuggingFace(checkpoint, FOLDERS['one-file']);
  await writeHuggingFace(checkpoint, FOLDERS.shards, 4);
  await writeMlx(checkpoint, FOLDERS.mlx);
  await writeGguf(checkpoint, FOLDERS.gguf, 'Q8_0', 'metadata');
}

const rows: Row[] = [];

/** Not synchronously: the hub answers from this process. */
async function load(what: string, model: string, dtype: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const child = spawn(process.execPath, [path('build/load.js'), model, dtype], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of child.stdout) output += chunk;
  const loaded: Loaded = JSON.parse(output);
  rows.push({ what, dtype, ...loaded });
  console.error(`  ${what}, ${dtype}: ${loaded.loadSeconds.toFixed(1)} s, order ${loaded.order}`);
}

function table(): string {
  const lines = rows.map(
    ({ what, dtype, loadSeconds, peakMemoryMiB, scores }) =>
      `| ${what} | ${dtype} | ${loadSeconds.toFixed(1)} | ${peakMemoryMiB} | ${scores.map((score) => score.toFixed(4)).join(' · ')} |`,
  );
  return [
    '| packaging | loaded as | load, s | peak memory, MiB | scores of four texts |',
    '|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

console.error('Writing the checkpoints that are not there yet, 4.3 GB …');
await write();
for (const dtype of ['q8', 'f32']) {
  await load('Hugging Face, one file', FOLDERS['one-file'], dtype);
  await load('Hugging Face, four shards', FOLDERS.shards, dtype);
  await load('MLX', FOLDERS.mlx, dtype);
  await load('GGUF Q8_0', FOLDERS.gguf, dtype);
}

const cache = await mkdtemp(join(tmpdir(), 'listwise-bench-'));
const hub = await serveFolders({
  'synthetic/shards': FOLDERS.shards,
  'synthetic/mlx': FOLDERS.mlx,
  'synthetic/gguf': FOLDERS.gguf,
});
const env = { HF_ENDPOINT: hub.url, HF_HOME: cache };
await load('Hugging Face, four shards, downloaded', 'synthetic/shards', 'q8', env);
await load('the same, from the cache', 'synthetic/shards', 'q8', env);
await load('MLX, downloaded', 'synthetic/mlx', 'q8', env);
await load('GGUF Q8_0, downloaded', 'synthetic/gguf/model.gguf', 'q8', env);
hub.close();
await rm(cache, { recursive: true });

console.log(table());
const orders = new Set(rows.map(({ order }) => order.join()));
console.log(
  orders.size === 1 ? '\nAll give one ranking.' : `\nThe rankings differ: ${[...orders].join(' / ')}`,
);
process.exitCode = orders.size === 1 ? 0 : 1;
