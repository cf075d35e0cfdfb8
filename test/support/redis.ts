/** A Redis server of the test's own, on a free port, that keeps nothing. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';

export const HAS_REDIS = spawnSync('redis-server', ['--version']).status === 0;

export class RedisServer {
  readonly port: number;
  readonly #options: readonly string[];
  #process: ChildProcess;

  private constructor(port: number, options: readonly string[]) {
    this.port = port;
    this.#options = options;
    this.#process = launch(port, options);
  }

  static async start(...options: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    await once(server.#process.stdout!, 'data');
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  client(): Redis {
    return new Redis(this.url, { maxRetriesPerRequest: null });
  }

  /** Ends it on the spot, with all that it held. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }

  async startAgain(): Promise<void> {
    this.#process = launch(this.port, this.#options);
    await once(this.#process.stdout!, 'data');
  }
}

function launch(port: number, options: readonly string[]): ChildProcess {
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--rdbcompression', 'no'];
  return spawn('redis-server', [...settings, ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A server on a port has one.');
  return address.port;
}
