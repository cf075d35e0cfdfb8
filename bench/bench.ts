/**
 * npm run bench: how fast the forward pass of the full Qwen3-0.6B shape is on this machine's CPU, beside the peers
 * in bench/peers where those are set up. Prints a table and writes bench/results/bench.json.
 *
 *   npm run bench -- [programs of other versions of Node]
 *
 * Every setting runs in a process of its own, one after the other; compare ratios within a run, since a shared
 * machine's speed drifts.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { writeSyntheticCheckpoint } from '../golden/write-checkpoint.js';

/** A line that listwise or a peer printed. */
interface Measurement {
  /** Of listwise with the version of Node. */
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
const LONG = ['4096'];

/** What runs, and what it is called if it does not say so itself. */
interface Command {
  readonly name?: string;
  readonly words: readonly string[];
}

/** A version of Node. */
interface Node {
  readonly program: string;
  readonly name: string;
}

function nodeOf(program: string): Node {
  const version = execFileSync(program, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
  return { program, name: `listwise, Node ${version}` };
}

function listwise({ program, name }: Node, dtype: string, threads = 2): Command[] {
  const forward = [program, path('build/forward.js'), CHECKPOINT, dtype, String(threads)];
  return [
    { name, words: [...forward, '3', ...SHORT] },
    ...(threads === 2 ? [{ name, words: [...forward, '1', ...LONG] }] : []),
  ];
}

function peer(program: readonly string[], dtype: string, lengths: readonly string[], runs = 3): Command[] {
  const settings = ['--threads', '2', '--tokens', lengths.join(), '--dtype', dtype, '--runs', String(runs)];
  return existsSync(PYTHON) ? [{ words: [...program, ...settings] }] : [];
}

/** What is compared stands side by side, so that a drift of the machine's speed meets both alike. */
function commands(nodes: readonly Node[]): Command[] {
  const torch = [PYTHON, `${PEERS}/torch_peer.py`];
  const ortWeb = [process.execPath, `${PEERS}/ort-web.mjs`];
  const ortNode = [process.execPath, `${PEERS}/ort-node.mjs`];
  const onAll = (dtype: string) => nodes.flatMap((node) => listwise(node, dtype));
  const newest = nodes.at(-1)!;
  return [
    ...onAll('f32'),
    ...peer(torch, 'float32', SHORT),
    ...peer(torch, 'float32', LONG, 1),
    ...onAll('q8'),
    ...peer(ortNode, 'float32', SHORT),
    ...peer(ortNode, 'float32', LONG, 1),
    ...onAll('q4'),
    // Its warm-up and one run of the long prompt would take ten minutes.
    ...peer(ortWeb, 'float32', SHORT),
    ...['f32', 'q8', 'q4'].flatMap((dtype) => listwise(newest, dtype, 1)),
    // Where the processor has no instructions for it, it takes minutes.
    ...peer(torch, 'bfloat16', SHORT, 1),
  ];
}

/** Runs a command and takes its lines of JSON. A peer that fails is reported and left out. */
async function measure({ name, words }: Command): Promise<Measurement[]> {
  const [program, ...args] = words;
  const child = spawn(program!, args, { cwd: PEERS, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const measurements: Measurement[] = [];
  for await (const line of createInterface(child.stdout)) {
    if (!line.startsWith('{')) continue;
    const measurement: Measurement = { ...JSON.parse(line), ...(name && { peer: name }) };
    measurements.push(measurement);
    console.error(`  ${settingOf(measurement)}: ${measurement.tokensPerSecond.toFixed(1)} tokens/s`);
  }
  if (measurements.length === 0) console.error(`  failed: ${words.join(' ')}\n${errors}`);
  return measurements;
}

function settingOf({ peer, dtype, threads, tokens }: Measurement): string {
  return `${peer} ${dtype}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${tokens} tokens`;
}

/** Settings as rows, prompt lengths as columns; at 1,024 tokens the ratio to PyTorch in float32. */
function table(all: readonly Measurement[]): string {
  const rows = new Map<string, Measurement[]>();
  for (const measurement of all) {
    const key = `${measurement.peer} ${measurement.dtype} | ${measurement.threads}`;
    rows.set(key, [...(rows.get(key) ?? []), measurement]);
  }
  const at = (row: readonly Measurement[] | undefined, tokens: number) =>
    row?.find((each) => each.tokens === tokens);
  const base = at(rows.get('pytorch float32 | 2'), 1024);
  const speed = (measurement: Measurement | undefined) => measurement?.tokensPerSecond.toFixed(0) ?? '';
  const lines = [...rows].map(([key, row]) => {
    const middle = at(row, 1024);
    const ratio = base && middle ? `${(middle.tokensPerSecond / base.tokensPerSecond).toFixed(2)}×` : '';
    const memory = middle ? (middle.peakMemoryMiB / 1024).toFixed(2) : '';
    const load = middle?.loadSeconds?.toFixed(1) ?? '';
    return `| ${key} | ${speed(at(row, 256))} | ${speed(middle)} | ${speed(at(row, 4096))} | ${ratio} | ${memory} | ${load} |`;
  });
  return [
    '| | threads | 256 tokens | 1,024 tokens | 4,096 tokens | at 1,024, against PyTorch f32 | peak memory, GiB | load, s |',
    '|---|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

console.error('Writing the synthetic checkpoint, 1.2 GB, if it is not there …');
await writeSyntheticCheckpoint(CHECKPOINT);
if (!existsSync(PYTHON)) console.error('The peers are not set up: bench/peers/README.md says how.');
const measurements: Measurement[] = [];
const nodes = [process.execPath, ...process.argv.slice(2)].map(nodeOf);
for (const command of commands(nodes)) measurements.push(...(await measure(command)));

console.log(`Tokens per second, ${cpus()[0]?.model}, ${cpus().length} cores\n`);
console.log(table(measurements));
await mkdir(path('bench/results'), { recursive: true });
await writeFile(path('bench/results/bench.json'), `${JSON.stringify(measurements, null, 2)}\n`);
