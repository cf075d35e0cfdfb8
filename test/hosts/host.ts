/** A host of listwise: a project as a stranger would begin one, with the package installed from its tarball. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)); // from build/test, too
const SOURCES = join(ROOT, 'test/hosts');
const PROJECTS = join(ROOT, 'build/hosts');

/** What a host printed or a page found. */
export interface Outcome {
  /** How it was asked, where a host asks in several ways. */
  readonly as?: string;
  readonly device: string;
  readonly description: string;
  readonly scores: readonly number[];
}

/** Bytes of output that a build may print. */
const MAX_OUTPUT = 2 ** 26;

export function run(command: string, args: readonly string[], folder: string, seconds = 300) {
  return promisify(execFile)(command, args, {
    cwd: folder,
    timeout: 1000 * seconds,
    maxBuffer: MAX_OUTPUT,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', npm_config_update_notifier: 'false' },
  });
}

/** Makes the tarball that every project installs. `npm run build` has to have made dist/. */
export async function pack(): Promise<void> {
  await rm(PROJECTS, { recursive: true, force: true });
  await mkdir(PROJECTS, { recursive: true });
  const { stdout } = await run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', PROJECTS],
    ROOT,
  );
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  await cp(join(PROJECTS, filename), join(PROJECTS, 'listwise.tgz'));
}

/** Copies a fixture beside the tarball and installs it. Returns its folder and what npm warned of. */
export async function install(fixture: string): Promise<{ folder: string; warnings: string }> {
  const folder = join(PROJECTS, fixture);
  await cp(join(SOURCES, 'fixtures', fixture), folder, { recursive: true });
  const request = await readFile(join(SOURCES, 'request.mjs'), 'utf8');
  await writeFile(join(folder, 'request.mjs'), request);
  await writeFile(join(folder, 'request.cjs'), (await esbuild.transform(request, { format: 'cjs' })).code);
  const { stderr } = await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], folder);
  return { folder, warnings: stderr };
}

export async function versionOf(folder: string, name: string): Promise<string> {
  const text = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Runs a project's script `rank`, which prints outcomes, a line each. Throws what it wrote to stderr if it failed. */
export async function runProgram(folder: string): Promise<{ outcomes: Outcome[]; stderr: string }> {
  const { stdout, stderr } = await run('npm', ['run', '--silent', 'rank'], folder);
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return { outcomes: lines.map((line) => JSON.parse(line) as Outcome), stderr };
}

/** A server that a project's script `start` began. */
export interface HostServer {
  readonly url: string;
  /** What it answers, parsed. Throws with what the server wrote where it answers with an error. */
  get(path: string): Promise<Outcome>;
  stop(): void;
}

/** Starts a project's script `start` on a free port; resolves when it serves there. */
export async function startServer(folder: string): Promise<HostServer> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const child = spawn('npm', ['run', '--silent', 'start', '--', '--port', String(port)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // so that what it starts ends with it
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (written += text));
  const stop = () => process.kill(-child.pid!);
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error(`The server ended: ${written}`);
    if (await fetch(url).catch(() => undefined)) return { url, get, stop };
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  stop();
  throw new Error(`Nothing serves at ${url}: ${written}`);

  async function get(path: string): Promise<Outcome> {
    const response = await fetch(url + path);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${written}`);
    return (await response.json()) as Outcome;
  }
}

/** A port of this machine where nothing listens: a server left of an earlier run would answer for ours. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
