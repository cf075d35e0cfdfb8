/**
 * How many requests a server answers:   npm run bench:serve [-- --seconds 10 --batch-tokens 0,1024]
 *
 * Starts `listwise serve` with the embedded model once for each setting and asks it through autocannon with 1, 8 and 64
 * clients at a time. What is asked: held-out lists of packages, cut to a few short documents or whole. The settings
 * take turns, so that a machine that is busy for a while is unfair to none of them; medians of the rounds are printed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { type HeldOut, readHeldOut, testNamed } from './evaluate/lists.js';

const CLIENTS = [1, 8, 64];
const ROUNDS = 3;
const HELD_OUT = new URL('../bench/data/held-out.json', import.meta.url);
const COMMAND = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** Documents of a request, and the characters that each is cut to. */
const LOADS = [
  { name: '3 short documents', documents: 3, characters: 40 },
  { name: '16 documents', documents: 16, characters: 200 },
];

interface Figures {
  readonly perSecond: number;
  readonly p50: number; // milliseconds
  readonly p99: number; // milliseconds
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    'batch-tokens': { type: 'string', default: '0,1024' },
    threads: { type: 'string', default: '2' },
  },
});
const settings = values['batch-tokens'].split(',');
const bodies = await requestBodies();
const servers = await Promise.all(settings.map(start));
try {
  console.log(`| requests | clients | ${settings.map((tokens) => `--batch-tokens ${tokens}`).join(' | ')} |`);
  console.log(`|---|---|${'---|'.repeat(settings.length)}`);
  for (const load of LOADS) {
    for (const clients of CLIENTS) {
      const rounds: Figures[][] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const figures: Figures[] = [];
        for (const { url } of servers) figures.push(await ask(url, bodies.get(load.name)!, clients));
        rounds.push(figures);
      }
      const cells = settings.map((_, i) => cell(rounds.map((figures) => figures[i]!)));
      console.log(`| ${load.name} | ${clients} | ${cells.join(' | ')} |`);
    }
  }
} finally {
  for (const { process } of servers) process.kill();
}

async function requestBodies(): Promise<Map<string, string[]>> {
  const heldOut: HeldOut = await readHeldOut(HELD_OUT);
  const { collection, lists } = testNamed(heldOut.tests, 'English');
  const texts = heldOut.collections[collection]!;
  return new Map(
    LOADS.map(({ name, documents, characters }) => [
      name,
      lists.map((list) =>
        JSON.stringify({
          query: list.query,
          documents: list.documents.slice(0, documents).map((place) => texts[place]!.slice(0, characters)),
        }),
      ),
    ]),
  );
}

function start(batchTokens: string): Promise<{ url: string; process: ChildProcess }> {
  const args = ['serve', '--port', '0', '--quiet', '--device', 'wasm', '--threads', values.threads];
  const child = spawn(process.execPath, [COMMAND, ...args, '--batch-tokens', batchTokens], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    child.stderr.on('data', (text) => {
      const match = /Listening on (\S+)/.exec(text);
      if (match) resolve({ url: match[1]!, process: child });
    });
    child.once('exit', () => reject(new Error('listwise serve ended.')));
  });
}

async function ask(url: string, requests: readonly string[], clients: number): Promise<Figures> {
  const {
    latency,
    requests: rate,
    non2xx,
    errors,
  } = await autocannon({
    url: `${url}/v1/rerank`,
    connections: clients,
    duration: Number(values.seconds),
    requests: requests.map((body) => ({
      method: 'POST' as const,
      headers: { 'content-type': 'application/json' },
      body,
    })),
  });
  if (non2xx + errors > 0) throw new Error(`${non2xx} refused, ${errors} failed.`);
  return { perSecond: rate.average, p50: latency.p50, p99: latency.p99 };
}

function cell(rounds: readonly Figures[]): string {
  const median = (of: (figures: Figures) => number) => rounds.map(of).toSorted((a, b) => a - b)[ROUNDS >> 1]!;
  const perSecond = median((figures) => figures.perSecond).toFixed(1);
  return `${perSecond}/s, p50 ${median(({ p50 }) => p50)} ms, p99 ${median(({ p99 }) => p99)} ms`;
}
