/** `listwise serve` as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { COMMAND, ENVIRONMENT, listwise } from '../support/command.js';
import { DOCUMENTS, QUERY } from '../support/requests.js';
import { post } from '../support/server.js';
import { tinyFolder } from '../support/tiny-checkpoint.js';

interface Serving {
  readonly url: string;
  readonly process: ChildProcess;
  readonly stdout: Promise<string>;
  readonly stderr: Promise<string>;
}

/** Starts the command on a free port and waits until it listens. */
async function serving(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Serving> {
  const model = await tinyFolder();
  const child = spawn(
    process.execPath,
    [COMMAND, 'serve', '--model', model, '--device', 'wasm', '--threads', '1', '--port', '0', ...args],
    { env: { ...ENVIRONMENT, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  const url = new Promise<string>((resolve, reject) => {
    child.stderr!.on('data', (part) => {
      said += part;
      const match = /Listening on (\S+)/.exec(said);
      if (match) resolve(match[1]!);
    });
    child.once('exit', (code) => reject(new Error(`It ended with ${code}: ${said}`)));
  });
  const stdout = text(child.stdout!);
  const stderr = once(child, 'close').then(() => said);
  return { url: await url, process: child, stdout, stderr };
}

const SMALL = post({ query: QUERY, documents: DOCUMENTS });
const LONG = post({ query: QUERY, documents: Array(200).fill('many words to read '.repeat(40)) });

describe('listwise serve', () => {
  it('says where it listens, logs what it answers, and ends at SIGTERM with code 0', async () => {
    const server = await serving();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${server.url}/v1/rerank`, SMALL)).status).toBe(200);
    server.process.kill('SIGTERM');
    expect(await once(server.process, 'exit')).toEqual([0, null]);
    const log = await server.stdout;
    expect(JSON.parse(log)).toMatchObject({ api: 'jina', status: 200, documents: DOCUMENTS.length });
    expect(log).not.toContain(QUERY);
    expect(await server.stderr).toMatch(/WebAssembly, 1 thread.*f32\n.*Stopping/s);
  });

  it('finishes what runs when it is told to stop, and takes nothing new', async () => {
    const server = await serving();
    const running = fetch(`${server.url}/v1/rerank`, LONG);
    await expect
      .poll(async () => (await fetch(`${server.url}/metrics`)).text())
      .toMatch(/_queue_requests 1$/m);
    server.process.kill('SIGTERM');
    await expect.poll(() => fetch(`${server.url}/health`).catch(() => 'refused')).toBe('refused');
    const response = await running;
    expect(response.status).toBe(200);
    expect((await response.json()).results.length).toBe(200);
    expect((await once(server.process, 'exit'))[0]).toBe(0);
  });

  it('takes keys from LISTWISE_API_KEYS', async () => {
    const server = await serving(['--quiet'], { LISTWISE_API_KEYS: ' one, two ' });
    expect((await fetch(`${server.url}/v1/rerank`, SMALL)).status).toBe(401);
    const headers = { ...SMALL.headers, authorization: 'Bearer two' };
    expect((await fetch(`${server.url}/v1/rerank`, { ...SMALL, headers })).status).toBe(200);
    server.process.kill('SIGINT');
    expect((await once(server.process, 'exit'))[0]).toBe(0);
    expect(await server.stdout).toBe('');
  });

  it('takes names again and again, origins, limits and scores from its options', async () => {
    const names = ['--as', 'one, two', '--as', 'three', '--strict-model'];
    const origins = ['--cors', 'https://a.example', '--cors', 'https://b.example'];
    const more = ['--unit-scores', '--min-score', '-1', '--max-document-length', '77'];
    const { url } = await serving([...names, ...origins, ...more]);
    const models = await (await fetch(`${url}/v1/models`)).json();
    const ids = models.data.map(({ id }: { id: string }) => id);
    expect(ids).toEqual([expect.any(String), 'one', 'two', 'three']);
    expect(await (await fetch(`${url}/info`)).json()).toMatchObject({ max_input_length: 77 });
    for (const [model, status] of Object.entries({ three: 200, four: 422 })) {
      const body = { model, query: QUERY, documents: DOCUMENTS };
      const answer = await fetch(`${url}/v1/rerank`, post(body, { origin: 'https://b.example' }));
      expect(answer.status).toBe(status);
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://b.example');
      const { results = [] } = await answer.json();
      for (const { relevance_score } of results) expect(relevance_score).toBeGreaterThanOrEqual(0);
    }
  });

  it('warns when all the world may ask', async () => {
    const open = await serving(['--host', '0.0.0.0']);
    open.process.kill('SIGTERM');
    expect(await open.stderr).toContain('No LISTWISE_API_KEYS');
  });

  it.each([
    ['keys that are none', [], { LISTWISE_API_KEYS: ' , ' }, /LISTWISE_API_KEYS holds no key/],
    ['a port that is none', ['--port', '70000'], {}, /65535/],
    ['a limit that is none', ['--max-queue', '0'], {}, /at least 1/],
    ['a score that is none', ['--min-score', '50'], {}, /-1 to 1/],
    ['an origin that is none', ['--cors', 'example.org', '--device', 'wasm'], {}, /is not an origin/],
  ])('refuses %s', async (_what, args, env, message) => {
    const outcome = await listwise(['serve', ...args], { env });
    expect(outcome.code).not.toBe(0);
    expect(outcome.stderr).toMatch(message);
  });

  it('says so when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const outcome = await listwise(['serve', '--port', String(port), '--device', 'wasm']);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('EADDRINUSE') });
    expect(outcome.stderr).toContain('--port');
  });

  it('has its memory back after 1,500 requests, some of them large and refused', async ({ skip }) => {
    skip(process.platform !== 'linux', 'Linux alone says what memory a process has');
    const server = await serving(['--quiet', '--strict-model']);
    const resident = async () =>
      Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${server.process.pid}/status`, 'utf8'))![1]) / 1024;
    const large = post({ query: QUERY, documents: ['x'.repeat(7e6)], model: 'unknown' });
    const storm = async () => {
      await Promise.all(Array.from({ length: 500 }, () => fetch(`${server.url}/v1/rerank`, SMALL)));
      for (let i = 0; i < 5; i++) {
        await Promise.all(Array.from({ length: 5 }, () => fetch(`${server.url}/v2/rerank`, large)));
      }
    };
    await storm();
    const before = await resident();
    for (let i = 0; i < 2; i++) await storm();
    await sleep(500);
    expect(await resident()).toBeLessThan(before * 1.2 + 20); // MiB
  });
});
