/** The way to Redis. BullMQ and its client are loaded when somebody wants them, and need not be installed. */
import type { Redis } from 'ioredis';
import { ListwiseError } from '../error.js';

type BullMq = typeof import('bullmq');

/** Milliseconds. */
const CONNECT_TIMEOUT = 5_000;
const LONGEST_PAUSE = 2_000;

export interface Connection extends Disposable {
  readonly bullmq: BullMq;
  readonly client: Redis;
  /** For people: without user and password. */
  readonly address: string;
}

/**
 * Connects. Once Redis was there it is waited for when it goes away, and `onNotice` hears of it. Throws
 * `queue-unavailable` at once when it is not there, lets nobody in, or when the packages are missing; `invalid-input`
 * when the URL is none.
 */
export async function connect(url: string, onNotice: (notice: string) => void): Promise<Connection> {
  const address = addressOf(url);
  const [bullmq, { Redis }] = await packages();
  let wasThere = false;
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT,
    maxRetriesPerRequest: null, // what was asked waits until Redis is back
    retryStrategy: (times) => (wasThere ? Math.min(100 * 2 ** times, LONGEST_PAUSE) : null),
  });
  let reason: Error | undefined;
  client.on('error', (error: Error) => {
    reason = error;
  });
  try {
    await client.connect();
  } catch (cause) {
    client.disconnect();
    throw unavailable(address, reason ?? cause);
  }
  wasThere = true;
  announceAbsence(client, address, onNotice);
  return { bullmq, client, address, [Symbol.dispose]: () => client.disconnect() };
}

function announceAbsence(client: Redis, address: string, onNotice: (notice: string) => void): void {
  let away = false;
  client.on('reconnecting', () => {
    if (!away) onNotice(`Redis at ${address} went away; waiting for it.`);
    away = true;
  });
  client.on('ready', () => {
    if (away) onNotice(`Redis at ${address} is back.`);
    away = false;
  });
}

async function packages() {
  try {
    return await Promise.all([import('bullmq'), import('ioredis')]);
  } catch (cause) {
    throw new ListwiseError('queue-unavailable', '--redis needs two packages that are not installed here.', {
      hint: 'npm install bullmq ioredis',
      cause,
    });
  }
}

function addressOf(url: string): string {
  if (URL.canParse(url)) {
    const { protocol, host, pathname } = new URL(url);
    if (host && (protocol === 'redis:' || protocol === 'rediss:')) return `${protocol}//${host}${pathname}`;
  }
  throw new ListwiseError('invalid-input', 'What --redis names is not the URL of a Redis server.', {
    hint: 'It looks like redis://user:password@host:6379, or rediss://… for TLS.',
  });
}

function unavailable(address: string, cause: unknown): ListwiseError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ListwiseError('queue-unavailable', `There is no Redis at ${address}: ${reason}.`, {
    hint: 'Is it running, and are its host, port and password right?',
    cause,
  });
}
