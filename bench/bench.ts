/**
 * npm run bench: how fast the forward pass of the full Qwen3-0.6B shape is on this machine's CPU, beside the peers
 * in bench/peers where those are set up. Prints a table and writes bench/results/bench.json.
 *
 * Every setting runs in a process of its own, one after the other; compare ratios within a run, since a shared
 * machine's speed drifts.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { writeSyntheticCheckpoint } from '../golden/write-checkpoint.js';

/** A line that listwise or a peer printed. */
interface Measurement {
  readonly peer: string;
  readonly dtype: string;
  readonly threads: number;
  readonly tokens: number;
  readonly tokensPerSecond: number;
  readonly peakMemoryMiB: number;
  readonly loadSeconds?: number;
}

const path = (relative: string) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const CHECKPOINT = path('bench/.cache/synthetic');
const PEERS = path('bench/peers');
const PYTHON = `${PEERS}/.cache/venv/bin/python`;
const SHORT = ['256', '1024'];
const LONG = '4096';

function listwise(dtype: string, threads: number, runs: number, lengths: readonly string[]): string[] {
  return [
    process.execPath,
    path('build/forward.js'),
    CHECKPOINT,
    dtype,
    String(threads),
    String(runs),
    ...lengths,
  ];
}

function peer(program: readonly string[], dtype: string, lengths: readonly string[], runs = 3): string[] {
  const settings = ['--threads', '2', '--tokens', lengths.join(), '--dtype', dtype, '--runs', String(runs)];
  return [...program, ...settings];
}

/** What is compared stands side by side, so that a drift of the machine's speed meets both alike. */
function commands(): string[][] {
  const torch = [PYTHON, `${PEERS}/torch_peer.py`];
  const ortWeb = [process.execPath, `${PEERS}/ort-web.mjs`];
  const ortNode = [process.execPath, `${PEERS}/ort-node.mjs`];
  const peers = existsSync(PYTHON)
    ? {
        first: [peer(ortWeb, 'float32', SHORT), peer(torch, 'float32', SHORT)],
        second: [peer(torch, 'bfloat16', SHORT), peer(ortNode, 'float32', SHORT)],
        // onnxruntime-web is left out of the long prompt: its warm-up and one run take ten minutes.
        long: [peer(torch, 'float32', [LONG], 1), peer(ortNode, 'float32', [LONG], 1)],
      }
    : { first: [], second: [], long: [] };
  return [
    listwise('f32', 2, 3, SHORT),
    ...peers.first,
    listwise('q8', 2, 3, SHORT),
    ...peers.second,
    listwise('f32', 1, 3, SHORT),
    listwise('q8', 1, 3, SHORT),
    listwise('f32', 2, 1, [LONG]),
    listwise('q8', 2, 1, [LONG]),
    ...peers.long,
    listwise('f32', 1, 1, [LONG]),
    listwise('q8', 1, 1, [LONG]),
  ];
}

/** Runs a command and takes its lines of JSON. A peer that fails is reported and left out. */
async function measure(command: readonly string[]): Promise<Measurement[]> {
  const [program, ...args] = command;
  const child = spawn(program!, args, { cwd: PEERS, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const measurements: Measurement[] = [];
  for await (const line of createInterface(child.stdout)) {
    if (!line.startsWith('{')) continue;
    const measurement: Measurement = JSON.parse(line);
    measurements.push(measurement);
    console.error(`  ${name(measurement)}: ${measurement.tokensPerSecond.toFixed(1)} tokens/s`);
  }
  if (measurements.length === 0) console.error(`  failed: ${command.join(' ')}\n${errors}`);
  return measurements;
}

function name({ peer, dtype, threads, tokens }: Measurement): string {
  return `${peer} ${dtype}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${tokens} tokens`;
}

/** Settings as rows, prompt lengths as columns; at 1,024 tokens the ratio to onnxruntime-web in float32. */
function table(all: readonly Measurement[]): string {
  const rows = new Map<string, Measurement[]>();
  for (const measurement of all) {
    const key = `${measurement.peer} ${measurement.dtype} | ${measurement.threads}`;
    rows.set(key, [...(rows.get(key) ?? []), measurement]);
  }
  const at = (row: readonly Measurement[] | undefined, tokens: number) =>
    row?.find((each) => each.tokens === tokens);
  const base = at(rows.get('onnxruntime-web float32 | 2'), 1024);
  const speed = (measurement: Measurement | undefined) => measurement?.tokensPerSecond.toFixed(0) ?? '';
  const lines = [...rows].map(([key, row]) => {
    const middle = at(row, 1024);
    const ratio = base && middle ? `${(middle.tokensPerSecond / base.tokensPerSecond).toFixed(2)}×` : '';
    const memory = middle ? (middle.peakMemoryMiB / 1024).toFixed(2) : '';
    const load = middle?.loadSeconds?.toFixed(1) ?? '';
    return `| ${key} | ${speed(at(row, 256))} | ${speed(middle)} | ${speed(at(row, 4096))} | ${ratio} | ${memory} | ${load} |`;
  });
  return [
    '| | threads | 256 tokens | 1,024 tokens | 4,096 tokens | at 1,024, against onnxruntime-web f32 | peak memory, GiB | load, s |',
    '|---|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

console.error('Writing the synthetic checkpoint, 1.2 GB, if it is not there …');
await writeSyntheticCheckpoint(CHECKPOINT);
if (!existsSync(PYTHON)) console.error('The peers are not set up: bench/peers/README.md says how.');
const measurements: Measurement[] = [];
for (const command of commands()) measurements.push(...(await measure(command)));

console.log(
  `Tokens per second, ${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.versions.node}\n`,
);
console.log(table(measurements));
await mkdir(path('bench/results'), { recursive: true });
await writeFile(path('bench/results/bench.json'), `${JSON.stringify(measurements, null, 2)}\n`);
