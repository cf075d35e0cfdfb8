/** Serves the application in Node, with bounds on how long a client may take. */

import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { ListwiseError } from '../error.js';
import type { Server } from './index.js';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface Listening {
  readonly url: string;
  /** Stops listening, answers what is under way, then closes what is open. */
  close(graceSeconds?: number): Promise<void>;
}

/** Milliseconds that a client may take to send its headers, and its whole request: the drip-fed are cut off (408). */
const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 30_000;
const CHECKED_EVERY = 1_000;
/** Longer than proxies keep a connection that is idle, so that they don't send into one that closes. */
const KEEP_ALIVE = 75_000;

/** Throws ListwiseError `invalid-input` when the address can't be had. */
export async function listen(server: Server, { host, port }: ListenOptions): Promise<Listening> {
  const http = createAdaptorServer({
    fetch: server.fetch,
    serverOptions: {
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      connectionsCheckingInterval: CHECKED_EVERY,
      keepAliveTimeout: KEEP_ALIVE,
    },
  }) as HttpServer;
  await bound(http, host, port);
  return {
    url: urlOf(host, http.address() as AddressInfo),
    async close(graceSeconds) {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      await server.close(graceSeconds);
      // Answers that were just written leave first; connections that are kept alive have nothing more to say.
      setImmediate(() => http.closeIdleConnections());
      const impatient = setTimeout(() => http.closeAllConnections(), 1_000);
      await closed;
      clearTimeout(impatient);
    },
  };
}

function bound(http: HttpServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new ListwiseError('invalid-input', `Can't listen on ${host}, port ${port} (${cause.code}).`, {
          hint: 'Is another program listening there? Choose another with --port.',
          cause,
        }),
      ),
    );
    http.listen(port, host, resolve);
  });
}

function urlOf(host: string, { port, family }: AddressInfo): string {
  const name = family === 'IPv6' && host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
